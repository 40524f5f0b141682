import { Button, Group, PasswordInput, Stack } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { api } from '../api/index.ts'
import { helpBelow } from '../desk/help-below.ts'
import { sessionQuery } from '../session/index.ts'
import { notifyDone, ProblemAlert, Section } from '../ui/index.ts'

/** Without a password one signs in by e-mail link; a password is a second way, not a need. */
export function PasswordForm({ hasPassword }: { hasPassword: boolean }) {
  const queryClient = useQueryClient()
  const form = useForm({
    initialValues: { current: '', next: '' },
    validateInputOnBlur: true,
    validate: {
      current: (typed) => (hasPassword && typed === '' ? 'Enter the password you have now.' : null),
      next: (typed) => (typed.length < 12 ? 'Take at least 12 characters.' : null),
    },
  })
  const set = useMutation(
    api.accounts.setPassword.mutationOptions({
      gcTime: 0,
      onSuccess: async () => {
        form.reset()
        notifyDone('Your password is set; your other sessions have ended')
        await queryClient.invalidateQueries({ queryKey: sessionQuery.queryKey })
      },
    }),
  )

  return (
    <Section
      title="Password"
      hint={
        hasPassword
          ? 'Changing it ends your other sessions.'
          : 'You sign in by e-mail link. A password is a second way in, for when mail is slow.'
      }
    >
      <form
        noValidate
        onSubmit={form.onSubmit(({ current, next }) =>
          set.mutate({ next, ...(hasPassword ? { current } : {}) }),
        )}
      >
        <Stack gap="md" maw={400}>
          {hasPassword && (
            <PasswordInput
              label="Current password"
              required
              autoComplete="current-password"
              {...form.getInputProps('current')}
            />
          )}
          <PasswordInput
            {...helpBelow}
            label="New password"
            description="12 characters or more. A few words in a row are easy to keep in mind."
            required
            autoComplete="new-password"
            {...form.getInputProps('next')}
          />
          {set.error && <ProblemAlert error={set.error} title="The password was not changed" />}
          <Group>
            <Button type="submit" loading={set.isPending}>
              {hasPassword ? 'Change password' : 'Set password'}
            </Button>
          </Group>
        </Stack>
      </form>
    </Section>
  )
}
