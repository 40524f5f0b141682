import './provisioning.css'
import type { ScimConnection } from '@keydesk/server/contract/scim'
import { Button } from '@mantine/core'
import { IconTransferIn } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { api } from '../api/index.ts'
import { paths } from '../paths.ts'
import { inSettings } from '../settings/crumbs.ts'
import {
  Ago,
  AppLink,
  type Column,
  DataTable,
  EmptyState,
  ProblemAlert,
  SettingsPage,
  StateBadge,
} from '../ui/index.ts'
import { HEALTH, MODE } from './connections.ts'
import { ProviderMark } from './ProviderMark.tsx'
import { providerOfConnection } from './providers.ts'
import { StateOf } from './StateOf.tsx'
import { counted } from './wording.ts'

const columns: Column<ScimConnection>[] = [
  {
    key: 'name',
    title: 'Connection',
    cell: (one) => (
      <span className="kd-with-mark">
        <ProviderMark family={providerOfConnection(one).family} />
        <span title={one.name}>{one.name}</span>
      </span>
    ),
  },
  {
    key: 'health',
    title: 'Health',
    width: 130,
    cell: ({ health, counts }) =>
      counts.held > 0 ? (
        <StateBadge tone="waiting" hint="The safety brake waits for an owner">
          {counts.held.toLocaleString()} held
        </StateBadge>
      ) : (
        <StateOf of={HEALTH[health.state]} hint={health.sentence} />
      ),
  },
  {
    key: 'sentence',
    title: 'How it is',
    hideBelow: 'md',
    width: '32%',
    cell: ({ health }) => <span title={health.sentence}>{health.sentence}</span>,
  },
  {
    key: 'mode',
    title: 'Mode',
    width: 116,
    hideBelow: 'sm',
    cell: ({ mode }) => <StateOf of={MODE[mode]} />,
  },
  {
    key: 'members',
    title: 'Members',
    width: 96,
    align: 'right',
    hideBelow: 'sm',
    cell: ({ counts }) => counts.active.toLocaleString(),
  },
  {
    key: 'last',
    title: 'Last call',
    width: 130,
    hideBelow: 'md',
    cell: ({ health }) => <Ago at={health.lastCallAt} />,
  },
]

/** Every identity provider that may create, change and lock out members. */
export function ConnectionsPage() {
  const connections = useQuery(api.scim.listConnections.queryOptions())
  const items = connections.data?.items ?? []
  const members = items.reduce((sum, { counts }) => sum + counts.active, 0)

  return (
    <SettingsPage
      wide
      title="Provisioning"
      crumbs={inSettings}
      lead={
        items.length === 0
          ? undefined
          : `${counted(members, 'member is', 'members are')} kept by ${counted(items.length, 'connection', 'connections')}: your identity provider creates them, changes them and locks them out.`
      }
      acts={
        items.length > 0 && (
          <Button component={AppLink} to={paths.newConnection()}>
            Connect an identity provider
          </Button>
        )
      }
    >
      {connections.error ? (
        <ProblemAlert
          error={connections.error}
          title="The connections could not be loaded"
          onRetry={() => void connections.refetch()}
        />
      ) : (
        <DataTable
          label="Connections"
          rows={items}
          columns={columns}
          rowKey={({ id }) => id}
          rowTo={({ id }) => paths.connection(id)}
          loading={connections.isPending}
          empty={<NothingConnected />}
        />
      )}
    </SettingsPage>
  )
}

function NothingConnected() {
  return (
    <EmptyState
      icon={<IconTransferIn size={32} stroke={1.25} />}
      title="No identity provider is connected"
      body="Okta, Entra or another provider can create your admins and agents here, give them roles by their groups, and lock them out the moment they leave. Only they need it: employees come in with the directory."
      act={
        <Button component={AppLink} to={paths.newConnection()}>
          Connect an identity provider
        </Button>
      }
    />
  )
}
