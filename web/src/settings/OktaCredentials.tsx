import type { OktaConnection } from '@keydesk/server/contract/okta'
import { Button, Group, PasswordInput, Stack, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { api } from '../api/index.ts'
import { helpBelow } from '../desk/help-below.ts'
import { ProblemAlert } from '../ui/index.ts'

/** The client id or the token; giving it tries the connection at once. */
export function OktaCredentials({ connection }: { connection: OktaConnection }) {
  const isApp = connection.method === 'service_app'
  const queryClient = useQueryClient()
  const form = useForm({
    initialValues: { secret: connection.clientId ?? '' },
    validateInputOnBlur: true,
    validate: {
      secret: (typed) =>
        typed.trim() === '' ? `Paste the ${isApp ? 'client ID' : 'token'} from Okta.` : null,
    },
  })
  const give = useMutation(
    api.okta.setOktaCredentials.mutationOptions({
      onSuccess: () => queryClient.invalidateQueries({ queryKey: api.okta.key() }),
    }),
  )
  const field = {
    required: true,
    autoComplete: 'off',
    spellCheck: false,
    ...helpBelow,
    ...form.getInputProps('secret'),
  }

  return (
    <form
      noValidate
      onSubmit={form.onSubmit(({ secret }) =>
        give.mutate({
          connectionId: connection.id,
          ...(isApp ? { clientId: secret } : { apiToken: secret }),
        }),
      )}
    >
      <Stack gap="sm">
        {isApp ? (
          <TextInput
            {...field}
            label="Client ID"
            description="On the tab General of the app; it begins with 0oa."
          />
        ) : (
          <PasswordInput
            {...field}
            label="API token"
            description={
              connection.tokenHint
                ? `Keydesk has one that ends in ${connection.tokenHint}. A new one replaces it.`
                : 'Kept sealed; never shown again, not even to you.'
            }
          />
        )}
        {give.error && <ProblemAlert error={give.error} title="Okta did not accept this" />}
        <Group>
          <Button type="submit" loading={give.isPending}>
            Check the connection
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
