import type { ScimConnection } from '@keydesk/server/contract/scim'
import { Alert, Button, Group, Text } from '@mantine/core'
import { IconEye, IconHandStop, IconKey } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { api } from '../api/index.ts'
import { paths } from '../paths.ts'
import { Ago, AppLink, CopyText, durationOf, Facts, Section, Skeletons } from '../ui/index.ts'
import { CallLine } from './CallLine.tsx'
import { useGrantableRoles } from './connections.ts'
import { LiveLight } from './LiveLight.tsx'
import { longestOf } from './token-ends.ts'
import { counted } from './wording.ts'

/** What waits for somebody first, then how it goes, then the last calls. */
export function OverviewTab({ connection }: { connection: ScimConnection }) {
  const { counts, health, id } = connection
  return (
    <>
      <Waiting connection={connection} />
      <LiveLight connection={connection} />
      <dl className="kd-counts">
        <Count label="Members" value={counts.members} />
        <Count label="May sign in" value={counts.active} />
        <Count label="Roles from groups" value={counts.roles} />
        <Count label="Calls" value={health.calls} />
        <Count label="Not done" value={health.failures} />
      </dl>
      <LatestCalls connectionId={id} />
    </>
  )
}

function Count({ label, value }: { label: string; value: number }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{value.toLocaleString()}</dd>
    </div>
  )
}

function Waiting({ connection }: { connection: ScimConnection }) {
  const end = longestOf(connection.tokens)
  const { counts, id, mode, shadowSince } = connection
  return (
    <>
      {counts.held > 0 && (
        <Notice
          icon={<IconHandStop size={18} stroke={1.5} />}
          title={`The safety brake holds ${counted(counts.held, 'call', 'calls')} back`}
          act={
            <Button component={AppLink} to={paths.connection(id, { tab: 'holds' })} size="xs">
              Look at what is held
            </Button>
          }
        >
          More people would lose access than usual in so short a time. An owner decides whether it happens.
        </Notice>
      )}
      {end && end.days !== null && end.days <= 30 && (
        <Notice
          icon={<IconKey size={18} stroke={1.5} />}
          title={`The credential ${end.words.toLowerCase()}`}
          act={
            <Button component={AppLink} to={paths.connection(id, { tab: 'credentials' })} size="xs">
              Rotate the credential
            </Button>
          }
        >
          After that the provider is refused. Rotating interrupts nothing.
        </Notice>
      )}
      {mode === 'shadow' && (
        <Notice
          icon={<IconEye size={18} stroke={1.5} />}
          title="This connection only watches"
          act={
            <Button component={AppLink} to={paths.connection(id, { tab: 'shadow' })} size="xs">
              See what would change
            </Button>
          }
        >
          It has worked on a copy {shadowSince ? 'since ' : ''}
          {shadowSince && <Ago at={shadowSince} />}. Nothing has changed for anybody.
        </Notice>
      )}
    </>
  )
}

function Notice(props: { icon: ReactNode; title: string; act: ReactNode; children: ReactNode }) {
  return (
    <Alert className="kd-notice" icon={props.icon} title={props.title}>
      <Group justify="space-between" gap="sm">
        <Text size="sm" flex="1 1 260px">
          {props.children}
        </Text>
        {props.act}
      </Group>
    </Alert>
  )
}

function LatestCalls({ connectionId }: { connectionId: string }) {
  const calls = useQuery(api.scim.listCalls.queryOptions({ input: { connectionId, limit: 5 } }))
  return (
    <Section
      title="Latest calls"
      acts={
        <Button
          component={AppLink}
          to={paths.connection(connectionId, { tab: 'calls' })}
          variant="subtle"
          size="compact-sm"
        >
          All calls
        </Button>
      }
    >
      {calls.isPending && <Skeletons label="Loading the latest calls" rows={3} />}
      {calls.data?.items.length === 0 && (
        <p className="kd-hint">None yet. Every call of the provider is kept here, with what it did.</p>
      )}
      {calls.data && calls.data.items.length > 0 && (
        <ul className="kd-line-list" aria-label="Latest calls">
          {calls.data.items.map((call) => (
            <CallLine key={call.id} call={call} connectionId={connectionId} />
          ))}
        </ul>
      )}
    </Section>
  )
}

/** What the connection is made of. */
export function OverviewSide({ connection }: { connection: ScimConnection }) {
  const { health, client } = connection
  const role = useGrantableRoles().find(({ id }) => id === connection.defaultRoleId)
  const end = longestOf(connection.tokens)
  return (
    <>
      <Section title="Connection">
        <Facts
          items={[
            { label: 'Base URL', value: <CopyText value={connection.baseUrl} mono /> },
            { label: 'Client', value: client.name },
            { label: 'Recognised by', value: client.because },
            {
              label: 'Default role',
              value: connection.defaultRoleId ? (role?.name ?? '…') : 'The most restrictive one',
              hint: 'For people whom no pushed group gives a role',
            },
            { label: 'Since', value: <Ago at={connection.createdAt} /> },
            { label: 'Id', value: <CopyText value={connection.id} mono /> },
          ]}
        />
      </Section>
      <Section title="Rhythm">
        <Facts
          items={[
            { label: 'First call', value: <Ago at={health.firstCallAt} /> },
            { label: 'Last call', value: <Ago at={health.lastCallAt} /> },
            {
              label: 'Usual gap',
              value: health.usualGapSeconds === null ? null : durationOf(health.usualGapSeconds),
              hint: 'The usual time between two visits of the provider',
            },
            { label: 'Credential', value: end?.words ?? 'No token works' },
          ]}
        />
      </Section>
    </>
  )
}
