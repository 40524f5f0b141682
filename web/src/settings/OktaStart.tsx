import { Button, Group, Radio, Stack, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { api } from '../api/index.ts'
import { helpBelow } from '../desk/help-below.ts'
import { ProblemAlert } from '../ui/index.ts'
import { domainProblem, tidyDomain } from './okta-domain.ts'

type Method = 'service_app' | 'api_token'

/** The first step: which Okta, and how Keydesk signs in to it. */
export function OktaStart() {
  const queryClient = useQueryClient()
  const form = useForm({
    initialValues: { domain: '', method: 'service_app' as Method },
    validateInputOnBlur: ['domain'],
    validate: { domain: domainProblem },
  })
  const create = useMutation(
    api.okta.createOktaConnection.mutationOptions({
      onSuccess: () => queryClient.invalidateQueries({ queryKey: api.okta.key() }),
    }),
  )

  return (
    <form
      noValidate
      onSubmit={form.onSubmit(({ domain, method }) => create.mutate({ domain: tidyDomain(domain), method }))}
    >
      <Stack gap="lg">
        <TextInput
          label="Okta domain"
          description="Where your people sign in. You may paste the address of any Okta page."
          {...helpBelow}
          placeholder="acme.okta.com"
          autoComplete="off"
          spellCheck={false}
          required
          {...form.getInputProps('domain')}
        />
        <Radio.Group label="How Keydesk signs in to Okta" {...form.getInputProps('method')}>
          <Stack gap="xs" mt="xs">
            <Radio.Card value="service_app" p="md" withBorder>
              <MethodText
                title="Service app (recommended)"
                hint="An app of its own in Okta, with a key pair that Keydesk makes and exactly the scopes you grant. Survives every change of admins."
              />
            </Radio.Card>
            <Radio.Card value="api_token" p="md" withBorder>
              <MethodText
                title="API token"
                hint="Quicker to try. It may do all that the admin who made it may do, ends with that admin's account, and dies after 30 days without use."
              />
            </Radio.Card>
          </Stack>
        </Radio.Group>
        {create.error && <ProblemAlert error={create.error} title="The connection was not created" />}
        <Group>
          <Button type="submit" loading={create.isPending}>
            Continue to Okta’s steps
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

function MethodText({ title, hint }: { title: string; hint: string }) {
  return (
    <Group wrap="nowrap" align="flex-start">
      <Radio.Indicator />
      <div>
        <strong>{title}</strong>
        <p className="kd-hint">{hint}</p>
      </div>
    </Group>
  )
}
