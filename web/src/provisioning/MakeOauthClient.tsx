import { oktaRedirectUris } from '@keydesk/server/contract/accounts'
import type { ScimConnection } from '@keydesk/server/contract/scim'
import { Button, Group, Radio, Stack, Switch, Textarea, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../api/index.ts'
import { helpBelow } from '../desk/help-below.ts'
import { ProblemAlert } from '../ui/index.ts'
import { useRefreshConnections } from './connections.ts'
import type { Secret } from './credential.ts'
import { providerOfConnection } from './providers.ts'

type Grant = 'credentials' | 'code'
type Props = { connection: ScimConnection; onMade: (secret: Secret) => void; onCancel?: () => void }

/** Makes an OAuth client: how it gets its tokens, and for a person's consent where it may come back to. */
export function MakeOauthClient({ connection, onMade, onCancel }: Props) {
  const isOkta = providerOfConnection(connection).family === 'okta'
  const [grant, setGrant] = useState<Grant>(isOkta ? 'code' : 'credentials')
  const [appName, setAppName] = useState('')
  const [written, setWritten] = useState('')
  const [confidential, setConfidential] = useState(true)
  const [isMissing, setMissing] = useState(false)
  const refresh = useRefreshConnections()
  const create = useMutation(
    api.accounts.createOauthClient.mutationOptions({
      gcTime: 0,
      onSuccess: async (made) => {
        onMade({ authentication: 'oauth', name: made.clientId, secret: made.clientSecret })
        await refresh()
      },
    }),
  )
  const redirectUris = grant === 'credentials' ? [] : written.split(/\s+/).filter(Boolean)
  const missing =
    isMissing &&
    grant === 'code' &&
    redirectUris.length === 0 &&
    'Enter at least one address, or it cannot come back.'

  function submit() {
    setMissing(true)
    if (grant === 'code' && redirectUris.length === 0) return
    create.mutate({ serviceUserId: connection.id, redirectUris, confidential })
  }

  return (
    <Stack gap="md">
      <Radio.Group label="How it gets its tokens" value={grant} onChange={(next) => setGrant(next as Grant)}>
        <Stack gap="xs" mt={4}>
          <Radio
            value="code"
            label="A person allows it (authorization code)"
            description="Okta’s way. Somebody who may manage credentials here is sent to Keydesk once, and allows it."
          />
          <Radio
            value="credentials"
            label="By itself (client credentials)"
            description="For providers that ask for a client ID, a secret and a token address only."
          />
        </Stack>
      </Radio.Group>
      {grant === 'code' && (
        <>
          {isOkta && (
            <Group gap="xs" align="flex-end">
              <TextInput
                {...helpBelow}
                label="Name of the app in Okta"
                description="As in the address of its page: …/admin/app/this-name/instance/…"
                flex="1 1 240px"
                value={appName}
                onChange={(event) => setAppName(event.currentTarget.value)}
              />
              <Button
                variant="default"
                disabled={appName.trim() === ''}
                onClick={() => setWritten(oktaRedirectUris(appName.trim()).join('\n'))}
                mb={24}
              >
                Fill in Okta’s addresses
              </Button>
            </Group>
          )}
          <Textarea
            {...helpBelow}
            label="Redirect URIs"
            description="Where the provider may come back to, one a line. Compared to the letter."
            autosize
            minRows={3}
            required
            spellCheck={false}
            value={written}
            onChange={(event) => setWritten(event.currentTarget.value)}
            error={missing}
          />
          <Switch
            label="It can keep a secret"
            description="Off, it has to use PKCE. Okta and Entra can keep one."
            checked={confidential}
            onChange={(event) => setConfidential(event.currentTarget.checked)}
          />
        </>
      )}
      {create.error && <ProblemAlert error={create.error} title="The OAuth client was not created" />}
      <Group gap="xs">
        <Button loading={create.isPending} onClick={submit}>
          Create OAuth client
        </Button>
        {onCancel && (
          <Button variant="default" onClick={onCancel}>
            Cancel
          </Button>
        )}
      </Group>
    </Stack>
  )
}
