import type { ScimConnection } from '@keydesk/server/contract/scim'
import { Button, Group, Radio, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { CredentialLine } from './CredentialLine.tsx'
import { AUTHENTICATIONS, type Authentication, type Secret } from './credential.ts'
import { MakeOauthClient } from './MakeOauthClient.tsx'
import { MakeToken } from './MakeToken.tsx'
import { OauthClientLine } from './OauthClientLine.tsx'
import { useOauth } from './oauth-places.ts'
import { SecretShownOnce } from './SecretShownOnce.tsx'

export interface CredentialsProps {
  connection: ScimConnection
  authentication: Authentication
  onAuthentication: (next: Authentication) => void
  /** What was just made; whoever holds it may offer it for copying until it is stored. */
  secret: Secret | undefined
  onSecret: (secret: Secret | undefined) => void
}

/** What a provider proves itself with: those there are, and the making of another. */
export function Credentials(props: CredentialsProps) {
  const { connection, secret, onSecret } = props
  const [isMaking, setMaking] = useState(false)
  const [endedShown, setEndedShown] = useState(false)
  const [rotated, setRotated] = useState<string>()
  const clients = useOauth(connection.id, true).data?.items ?? []
  const living = connection.tokens.filter(({ revokedAt }) => !revokedAt)
  const ended = connection.tokens.filter(({ revokedAt }) => revokedAt)
  const isFirst = living.length === 0 && clients.length === 0
  const old = living.find(({ id }) => id === rotated)

  function made(next: Secret) {
    onSecret(next)
    setMaking(false)
    setRotated(undefined)
  }

  return (
    <Stack gap="md">
      {!isFirst && (
        <ul className="kd-line-list" aria-label="Credentials">
          {living.map((token) => (
            <CredentialLine
              key={token.id}
              token={token}
              all={connection.tokens}
              owner={connection.name}
              onRotate={() => setRotated(token.id)}
            />
          ))}
          {clients.map((client) => (
            <OauthClientLine key={client.id} client={client} owner={connection.name} />
          ))}
        </ul>
      )}
      {secret && <SecretShownOnce secret={secret} onDone={() => onSecret(undefined)} />}
      {old && !secret && (
        <MakeToken
          connection={connection}
          use={old.use}
          replaces={old}
          onMade={made}
          onCancel={() => setRotated(undefined)}
        />
      )}
      {!secret && !old && (isFirst || isMaking) && (
        <MakeOne {...props} onMade={made} {...(isFirst ? {} : { onCancel: () => setMaking(false) })} />
      )}
      {!secret && !old && (
        <Group gap="xs">
          {!isFirst && !isMaking && (
            <Button variant="default" size="xs" onClick={() => setMaking(true)}>
              Create another credential
            </Button>
          )}
          {ended.length > 0 && (
            <Button
              variant="subtle"
              size="xs"
              aria-expanded={endedShown}
              onClick={() => setEndedShown(!endedShown)}
            >
              {endedShown ? 'Hide those that ended' : `Show ${ended.length} that ended`}
            </Button>
          )}
        </Group>
      )}
      {endedShown && (
        <ul className="kd-line-list" aria-label="Ended credentials">
          {ended.map((token) => (
            <CredentialLine key={token.id} token={token} all={connection.tokens} owner={connection.name} />
          ))}
        </ul>
      )}
    </Stack>
  )
}

type MakeProps = CredentialsProps & { onMade: (secret: Secret) => void; onCancel?: () => void }

function MakeOne({ connection, authentication, onAuthentication, onMade, onCancel }: MakeProps) {
  const kinds = Object.keys(AUTHENTICATIONS) as Authentication[]
  const cancel = onCancel ? { onCancel } : {}
  return (
    <Stack gap="md">
      <Radio.Group
        label="How the provider proves who it is"
        value={authentication}
        onChange={(next) => onAuthentication(next as Authentication)}
      >
        <Stack gap="xs" mt={4}>
          {kinds.map((kind) => (
            <Radio
              key={kind}
              value={kind}
              label={AUTHENTICATIONS[kind].label}
              description={AUTHENTICATIONS[kind].hint}
            />
          ))}
        </Stack>
      </Radio.Group>
      {authentication === 'oauth' ? (
        <MakeOauthClient connection={connection} onMade={onMade} {...cancel} />
      ) : (
        <MakeToken
          key={authentication}
          connection={connection}
          use={authentication === 'basic' ? 'basic' : 'bearer'}
          onMade={onMade}
          {...cancel}
        />
      )}
      <Text size="sm" c="dimmed">
        It can do provisioning and nothing else: no request, no person of the directory, no setting.
      </Text>
    </Stack>
  )
}
