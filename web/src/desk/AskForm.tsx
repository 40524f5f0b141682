import type { Service } from '@keydesk/server/contract/desk'
import { Button, Group, Stack } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'
import { type FormEvent, useRef, useState } from 'react'
import { api } from '../api/index.ts'
import { paths } from '../paths.ts'
import { notifyDone, ProblemAlert, useDraft } from '../ui/index.ts'
import { AskField } from './AskField.tsx'

const NOTHING: Record<string, string> = {}

/** A service's form. What is typed survives a reload, and is forgotten once it is sent. */
export function AskForm({ service }: { service: Service }) {
  const [answers, setAnswers, forget] = useDraft(`ask.${service.key}`, NOTHING)
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set())
  const form = useRef<HTMLFormElement>(null)
  const router = useRouter()
  const queryClient = useQueryClient()
  const submit = useMutation(
    api.desk.submitRequest.mutationOptions({
      onSuccess: (request) => {
        forget()
        queryClient.setQueryData(api.desk.getRequest.queryKey({ input: { number: request.number } }), request)
        router.history.push(paths.myRequest(request.number))
        notifyDone(`Request #${request.number} is with the desk`)
      },
    }),
  )

  const missing = service.fields.filter((field) => field.required && !answers[field.key]?.trim())

  function send(event: FormEvent) {
    event.preventDefault()
    setLeft(new Set(service.fields.map(({ key }) => key)))
    const [first] = missing
    if (first) return form.current?.querySelector<HTMLElement>(`[name="${first.key}"]`)?.focus()
    const given = Object.entries(answers).filter(
      ([key, value]) => value.trim() !== '' && service.fields.some((field) => field.key === key),
    )
    submit.mutate({ serviceId: service.id, answers: Object.fromEntries(given) })
  }

  return (
    <form ref={form} onSubmit={send} noValidate aria-label={service.name}>
      <Stack gap="md">
        {service.fields.map((field) => (
          <AskField
            key={field.key}
            field={field}
            value={answers[field.key] ?? ''}
            onChange={(value) => setAnswers({ ...answers, [field.key]: value })}
            onLeave={() => setLeft((before) => new Set(before).add(field.key))}
            error={
              left.has(field.key) && missing.includes(field) ? 'Answer this, so that the desk can act.' : null
            }
          />
        ))}
        {submit.error && <ProblemAlert error={submit.error} title="Your request was not sent" />}
        <Group>
          <Button type="submit" loading={submit.isPending}>
            Send request
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
