import type { Token } from '@keydesk/server/contract/accounts'
import type { ScimConnection } from '@keydesk/server/contract/scim'
import { Button, Group, Select, Stack, Text } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../api/index.ts'
import { helpBelow } from '../desk/help-below.ts'
import { LIFETIMES } from '../settings/lifetimes.ts'
import { ProblemAlert } from '../ui/index.ts'
import { useRefreshConnections } from './connections.ts'
import type { Secret } from './credential.ts'

type Props = {
  connection: ScimConnection
  use: Token['use']
  /** The one that ends when the new one is first used. */
  replaces?: Token
  onMade: (secret: Secret) => void
  onCancel?: () => void
}

/** Makes a token, or a user name and password. Beside one that works it is a rotation, and says so. */
export function MakeToken({ connection, use, replaces, onMade, onCancel }: Props) {
  const [lifetime, setLifetime] = useState('365')
  const refresh = useRefreshConnections()
  // A secret must not stay in the cache of mutations.
  const token = useMutation(
    api.accounts.createToken.mutationOptions({
      gcTime: 0,
      onSuccess: async (made) => {
        onMade({ authentication: 'token', secret: made.token })
        await refresh()
      },
    }),
  )
  const basic = useMutation(
    api.accounts.createBasicCredential.mutationOptions({
      gcTime: 0,
      onSuccess: async (made) => {
        onMade({ authentication: 'basic', name: made.userName, secret: made.password })
        await refresh()
      },
    }),
  )
  const { mutate, error, isPending } = use === 'basic' ? basic : token
  const what = use === 'basic' ? 'user name and password' : 'token'

  return (
    <Stack gap="sm">
      {replaces && (
        <Text size="sm">
          Both work until the provider uses the new one. Then …{replaces.hint} ends by itself, and nothing is
          interrupted.
        </Text>
      )}
      <Select
        {...helpBelow}
        label="Works for"
        description="Owners are warned before it ends."
        data={LIFETIMES}
        value={lifetime}
        allowDeselect={false}
        maw={320}
        onChange={(next) => setLifetime(next ?? '365')}
      />
      {error && <ProblemAlert error={error} title={`The ${what} was not created`} />}
      <Group gap="xs">
        <Button
          loading={isPending}
          onClick={() =>
            mutate({
              serviceUserId: connection.id,
              expiresInDays: lifetime === 'never' ? null : Number(lifetime),
              replacesTokenId: replaces?.id ?? null,
            })
          }
        >
          {replaces ? `Create the next ${what}` : `Create ${what}`}
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
