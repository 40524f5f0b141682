import type { Token } from '@keydesk/server/contract/accounts'
import { Button, Group, Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { api } from '../api/index.ts'
import { Ago, confirmAct, notifyDone, notifyProblem, StateBadge } from '../ui/index.ts'

/** One token: by its last characters, whether it works, when it was used, and the end of it. */
export function TokenLine({ token, owner }: { token: Token; owner: string }) {
  const queryClient = useQueryClient()
  const revoke = useMutation(
    api.accounts.revokeToken.mutationOptions({
      onSuccess: async () => {
        await queryClient.invalidateQueries({ queryKey: api.accounts.key() })
        notifyDone(`The token ending in ${token.hint} opens nothing any more`)
      },
      onError: notifyProblem,
    }),
  )

  async function ask() {
    const sure = await confirmAct({
      title: `Revoke the token ending in ${token.hint}?`,
      body: `Whatever uses it for ${owner} is refused from the next call on. This cannot be undone; create another token first if it is in use.`,
      verb: 'Revoke token',
      danger: true,
    })
    if (sure) revoke.mutate({ tokenId: token.id })
  }

  return (
    <Group
      component="li"
      justify="space-between"
      gap="xs"
      py="xs"
      style={{ borderTop: '1px solid var(--kd-line)' }}
    >
      <div>
        <Group gap="xs">
          <span className="kd-mono">…{token.hint}</span>
          <TokenState token={token} />
        </Group>
        <Text size="xs" c="dimmed">
          Created <Ago at={token.createdAt} /> · {token.lastUsedAt ? 'last used ' : 'not used yet'}
          {token.lastUsedAt && <Ago at={token.lastUsedAt} />}
        </Text>
      </div>
      {!token.revokedAt && (
        <Button
          size="xs"
          variant="default"
          loading={revoke.isPending}
          onClick={ask}
          aria-label={`Revoke token ending in ${token.hint}`}
        >
          Revoke token
        </Button>
      )}
    </Group>
  )
}

function TokenState({ token: { revokedAt, expiresAt } }: { token: Token }) {
  if (revokedAt) return <StateBadge tone="off">Revoked</StateBadge>
  if (!expiresAt) return <StateBadge tone="done">Works, no end</StateBadge>
  if (Date.parse(expiresAt) < Date.now()) return <StateBadge tone="failed">Expired</StateBadge>
  return <StateBadge tone="done">Works until {day.format(new Date(expiresAt))}</StateBadge>
}

const day = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short', year: 'numeric' })
