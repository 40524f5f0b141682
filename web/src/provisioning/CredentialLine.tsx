import type { Token } from '@keydesk/server/contract/accounts'
import { Button, Group } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { api } from '../api/index.ts'
import {
  Ago,
  CopyText,
  confirmAct,
  notifyDone,
  notifyProblem,
  StateBadge,
  type StateTone,
} from '../ui/index.ts'
import { useRefreshConnections } from './connections.ts'
import { endOf } from './token-ends.ts'

type Props = {
  token: Token
  /** All tokens of the connection: one may end when another is used. */
  all: readonly Token[]
  owner: string
  onRotate?: () => void
}

/** One token, or user name and password: what it is, whether it works and until when, and the end of it. */
export function CredentialLine({ token, all, owner, onRotate }: Props) {
  const refresh = useRefreshConnections()
  const revoke = useMutation(
    api.accounts.revokeToken.mutationOptions({
      onSuccess: async () => {
        await refresh()
        notifyDone(`The ${kindOf(token)} ending in ${token.hint} opens nothing any more`)
      },
      onError: notifyProblem,
    }),
  )
  const heir = all.find(({ replacesTokenId, revokedAt }) => replacesTokenId === token.id && !revokedAt)
  const alike = all.filter((one) => !one.revokedAt && one.use === token.use)
  const mayRotate = onRotate && !token.revokedAt && !heir && alike.length < 2
  const state = stateOf(token)

  async function ask() {
    const sure = await confirmAct({
      title: `Revoke the ${kindOf(token)} ending in ${token.hint}?`,
      body: `${owner} is refused from the next call on if it uses it. This cannot be undone; rotate instead if it is in use.`,
      verb: `Revoke ${kindOf(token)}`,
      danger: true,
    })
    if (sure) revoke.mutate({ tokenId: token.id })
  }

  return (
    <li>
      <div>
        <Group gap="xs">
          <span>
            {token.use === 'basic' ? 'User name and password' : 'Token'}{' '}
            <span className="kd-mono">…{token.hint}</span>
          </span>
          <StateBadge tone={state.tone}>{state.word}</StateBadge>
        </Group>
        {token.userName && (
          <div>
            User name: <CopyText value={token.userName} mono />
          </div>
        )}
        <div className="kd-hint">
          Created <Ago at={token.createdAt} /> · {token.lastUsedAt ? 'last used ' : 'not used yet'}
          {token.lastUsedAt && <Ago at={token.lastUsedAt} />}
        </div>
        {heir && <div className="kd-hint">Ends by itself when …{heir.hint} is used for the first time.</div>}
      </div>
      {!token.revokedAt && (
        <Group gap="xs">
          {mayRotate && (
            <Button size="xs" variant="default" onClick={onRotate}>
              Rotate
            </Button>
          )}
          <Button
            size="xs"
            variant="default"
            loading={revoke.isPending}
            onClick={ask}
            aria-label={`Revoke ${kindOf(token)} ending in ${token.hint}`}
          >
            Revoke
          </Button>
        </Group>
      )}
    </li>
  )
}

function kindOf({ use }: Token) {
  return use === 'basic' ? 'password' : 'token'
}

function stateOf(token: Token): { tone: StateTone; word: string } {
  if (token.revokedAt) return { tone: 'off', word: 'Ended' }
  const { days, words } = endOf(token)
  if (days !== null && days < 0) return { tone: 'failed', word: 'Expired' }
  return { tone: days !== null && days <= 30 ? 'waiting' : 'done', word: words }
}
