import './provisioning.css'
import type { ScimConnection } from '@keydesk/server/contract/scim'
import { Button } from '@mantine/core'
import { useLocation, useParams } from '@tanstack/react-router'
import { useRef } from 'react'
import * as z from 'zod'
import { paths } from '../paths.ts'
import {
  AppLink,
  Page,
  ProblemAlert,
  RecordPage,
  Skeletons,
  StateBadge,
  usePageSearch,
  type View,
  ViewTabs,
} from '../ui/index.ts'
import { AttributesTab } from './AttributesTab.tsx'
import { CallsTab } from './CallsTab.tsx'
import { CredentialsTab } from './CredentialsTab.tsx'
import { HEALTH, MODE, useConnection } from './connections.ts'
import { inProvisioning } from './crumbs.ts'
import { HeldTab } from './HeldTab.tsx'
import { OverviewSide, OverviewTab } from './OverviewTab.tsx'
import { ProviderMark } from './ProviderMark.tsx'
import { providerOfConnection } from './providers.ts'
import { SettingsTab } from './SettingsTab.tsx'
import { ShadowTab } from './ShadowTab.tsx'
import { StateOf } from './StateOf.tsx'

const Search = z.object({
  tab: z.enum(['overview', 'calls', 'holds', 'shadow', 'credentials', 'settings', 'attributes']),
})
type Tab = z.infer<typeof Search>['tab']

/** One connection: how it is, what it did, what waits, and what was chosen for it. */
export function ConnectionPage() {
  const { connectionId = '' } = useParams({ strict: false })
  const connection = useConnection(connectionId)

  if (!connection.data)
    return (
      <Page title="Connection" crumbs={inProvisioning}>
        {connection.error ? (
          <ProblemAlert
            error={connection.error}
            title="This connection could not be loaded"
            onRetry={() => void connection.refetch()}
          />
        ) : (
          <Skeletons label="Loading the connection" rows={8} />
        )}
      </Page>
    )
  return <ConnectionRecord key={connectionId} connection={connection.data} />
}

function ConnectionRecord({ connection }: { connection: ScimConnection }) {
  const tab = useTab(connection.id)
  const provider = providerOfConnection(connection)
  const { health, mode, counts } = connection

  return (
    <RecordPage
      crumbs={inProvisioning}
      mark={<ProviderMark family={provider.family} size={44} />}
      title={connection.name}
      badge={
        <>
          <StateOf of={MODE[mode]} />
          <StateOf of={HEALTH[health.state]} />
          {counts.held > 0 && <StateBadge tone="waiting">{counts.held.toLocaleString()} held</StateBadge>}
        </>
      }
      meta={
        <>
          <span>{health.sentence}</span>
          <span title={connection.client.because}>{clientOf(connection)}</span>
        </>
      }
      acts={
        <Button component={AppLink} to={paths.connectionSetUp(connection.id)} variant="default">
          Set-up guide
        </Button>
      }
      tabs={<ViewTabs label="Parts of the connection" views={viewsOf(connection, tab)} active={tab} />}
      main={<Shown tab={tab} connection={connection} />}
      side={tab === 'overview' ? <OverviewSide connection={connection} /> : undefined}
      sideLabel="Facts"
    />
  )
}

/** The part that is shown. On the way to another page the address is that page's already, and this one stays. */
function useTab(connectionId: string): Tab {
  const [{ tab = 'overview' }] = usePageSearch(Search)
  const pathname = useLocation({ select: (location) => location.pathname })
  const shown = useRef<Tab>(tab)
  if (pathname === paths.connection(connectionId)) shown.current = tab
  return shown.current
}

function Shown({ tab, connection }: { tab: Tab; connection: ScimConnection }) {
  switch (tab) {
    case 'overview':
      return <OverviewTab connection={connection} />
    case 'calls':
      return <CallsTab connection={connection} />
    case 'holds':
      return <HeldTab connection={connection} />
    case 'shadow':
      return <ShadowTab connection={connection} />
    case 'credentials':
      return <CredentialsTab connection={connection} />
    case 'settings':
      return <SettingsTab connection={connection} />
    case 'attributes':
      return <AttributesTab />
  }
}

function viewsOf({ id, mode, counts }: ScimConnection, tab: Tab): View[] {
  const view = (key: Tab, label: string, count?: number): View => ({
    key,
    label,
    to: paths.connection(id, key === 'overview' ? {} : { tab: key }),
    ...(count === undefined ? {} : { count }),
  })
  return [
    view('overview', 'Overview'),
    view('calls', 'Calls'),
    ...(counts.held > 0 || tab === 'holds' ? [view('holds', 'Held changes', counts.held)] : []),
    ...(mode === 'shadow' || tab === 'shadow' ? [view('shadow', 'What would change')] : []),
    view('credentials', 'Credentials'),
    view('settings', 'Settings'),
    view('attributes', 'Attributes'),
  ]
}

/** The client, and how sure we are of it. */
function clientOf({ client }: ScimConnection) {
  switch (client.confidence) {
    case 'chosen':
      return `${client.name}, as chosen`
    case 'certain':
      return `Recognised as ${client.name}`
    case 'likely':
      return `Probably ${client.name}`
    case 'none':
      return 'Not recognised yet'
  }
}
