import { Button } from '@mantine/core'
import { IconPlugConnected } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { api } from '../api/client.ts'
import { paths } from '../paths.ts'
import { useCan } from '../session/index.ts'
import { AppLink, EmptyState, Skeletons } from '../ui/index.ts'

/** Why there is nothing of the directory yet, and the one act that changes it. */
export function DirectoryEmpty({ what }: { what: 'people' | 'groups' | 'apps' }) {
  const mayConnect = useCan('integrations.manage')
  const connections = useQuery(api.okta.listOktaConnections.queryOptions())
  if (connections.isPending) return <Skeletons />

  const okta = connections.data?.items[0]
  const importing = okta?.lastImport?.state === 'running'
  const title = importing ? `Okta's ${what} are on their way` : `Your ${what} will be here`

  return (
    <EmptyState
      icon={<IconPlugConnected size={32} stroke={1.25} />}
      title={title}
      body={
        importing
          ? 'The directory is being read. They appear here as they come.'
          : why(okta?.state, mayConnect)
      }
      act={
        mayConnect &&
        !importing && (
          <Button component={AppLink} to={paths.okta()}>
            {okta?.state === 'connected' ? 'Read the directory' : 'Connect Okta'}
          </Button>
        )
      }
    />
  )
}

function why(state: 'draft' | 'connected' | 'broken' | undefined, mayConnect: boolean) {
  const whose = mayConnect ? '' : ' Whoever manages integrations can do that.'
  if (state === 'connected') return `Okta is connected, and its directory was not read yet.${whose}`
  if (state === 'broken') return `The connection to Okta is broken and needs to be mended.${whose}`
  return `They come from Okta, and no Okta is connected yet.${whose}`
}
