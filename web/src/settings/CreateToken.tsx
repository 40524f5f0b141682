import type { ServiceUser } from '@keydesk/server/contract/accounts'
import { Button, Group, Select, Stack } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../api/index.ts'
import { helpBelow } from '../desk/help-below.ts'
import { ProblemAlert } from '../ui/index.ts'
import { LIFETIMES } from './lifetimes.ts'
import { TokenShownOnce } from './TokenShownOnce.tsx'

/** Makes a token and shows it, this once. */
export function CreateToken({ serviceUser }: { serviceUser: ServiceUser }) {
  const [lifetime, setLifetime] = useState<string>()
  const [token, setToken] = useState<string>()
  const queryClient = useQueryClient()
  const create = useMutation(
    api.accounts.createToken.mutationOptions({
      // A secret must not stay in the cache of mutations.
      gcTime: 0,
      onSuccess: async (created) => {
        setToken(created.token)
        setLifetime(undefined)
        await queryClient.invalidateQueries({ queryKey: api.accounts.key() })
      },
    }),
  )

  if (token) return <TokenShownOnce token={token} onDone={() => setToken(undefined)} />
  if (lifetime === undefined)
    return (
      <Button
        {...(serviceUser.tokens.some(({ revokedAt }) => !revokedAt) ? { variant: 'default' } : {})}
        onClick={() => setLifetime('365')}
        style={{ alignSelf: 'flex-start' }}
        aria-label={`Create token for ${serviceUser.name}`}
      >
        Create token
      </Button>
    )
  return (
    <Stack gap="sm">
      <Select
        {...helpBelow}
        label="Works for"
        description="When it ends, whatever uses it is refused. Its last day stands beside it."
        data={LIFETIMES}
        value={lifetime}
        allowDeselect={false}
        onChange={(next) => setLifetime(next ?? '365')}
      />
      {create.error && <ProblemAlert error={create.error} title="The token was not created" />}
      <Group gap="xs">
        <Button
          loading={create.isPending}
          onClick={() =>
            create.mutate({
              serviceUserId: serviceUser.id,
              expiresInDays: lifetime === 'never' ? null : Number(lifetime),
            })
          }
        >
          Create token
        </Button>
        <Button variant="default" onClick={() => setLifetime(undefined)}>
          Cancel
        </Button>
      </Group>
    </Stack>
  )
}
