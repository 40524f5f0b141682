import type { OauthClient } from '@keydesk/server/contract/accounts'
import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { api } from '../api/index.ts'
import { Ago, CopyText, confirmAct, notifyDone, notifyProblem } from '../ui/index.ts'
import { useRefreshConnections } from './connections.ts'

/** One OAuth client: by its id, who allowed it in, and the end of it. */
export function OauthClientLine({ client, owner }: { client: OauthClient; owner: string }) {
  const refresh = useRefreshConnections()
  const remove = useMutation(
    api.accounts.deleteOauthClient.mutationOptions({
      onSuccess: async () => {
        await refresh()
        notifyDone(`The OAuth client ${client.clientId} is deleted`)
      },
      onError: notifyProblem,
    }),
  )

  async function ask() {
    const sure = await confirmAct({
      title: 'Delete this OAuth client?',
      body: `Its tokens end at once, and ${owner} is refused from the next call on if it uses them. This cannot be undone.`,
      verb: 'Delete OAuth client',
      danger: true,
    })
    if (sure) remove.mutate({ oauthClientId: client.id })
  }

  return (
    <li>
      <div>
        <div>OAuth client</div>
        <CopyText value={client.clientId} mono />
        <div className="kd-hint">
          {client.hint ? `Secret …${client.hint}` : 'Without a secret, by PKCE'} ·{' '}
          {client.redirectUris.length === 0
            ? 'by client credentials'
            : `comes back to ${client.redirectUris.length} ${client.redirectUris.length === 1 ? 'address' : 'addresses'}`}{' '}
          · {client.lastUsedAt ? 'last used ' : 'not used yet'}
          {client.lastUsedAt && <Ago at={client.lastUsedAt} />}
        </div>
        {client.grants.map((grant) => (
          <div className="kd-hint" key={grant.createdAt}>
            Allowed by {grant.name ?? 'somebody who is no longer here'} <Ago at={grant.createdAt} />
            {grant.ended && `. ${grant.ended}`}
          </div>
        ))}
      </div>
      <Button
        size="xs"
        variant="default"
        loading={remove.isPending}
        onClick={ask}
        aria-label={`Delete OAuth client ${client.clientId}`}
      >
        Delete
      </Button>
    </li>
  )
}
