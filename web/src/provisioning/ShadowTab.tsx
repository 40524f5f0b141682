import type { ScimConnection, ShadowDiff } from '@keydesk/server/contract/scim'
import { Button, Group, Stack, Text } from '@mantine/core'
import { IconEye } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'
import { api } from '../api/index.ts'
import { paths } from '../paths.ts'
import {
  Ago,
  confirmAct,
  EmptyState,
  notifyDone,
  ProblemAlert,
  Section,
  Skeletons,
  StateBadge,
  type StateTone,
} from '../ui/index.ts'
import { useRefreshConnections } from './connections.ts'
import { counted, someOf } from './wording.ts'

type MemberChange = ShadowDiff['members'][number]
type RoleChange = ShadowDiff['roles'][number]

/** What going live would change, and the two ways out of watching. */
export function ShadowTab({ connection }: { connection: ScimConnection }) {
  const refresh = useRefreshConnections()
  const router = useRouter()
  const end = useMutation(
    api.scim.endShadow.mutationOptions({
      onSuccess: async (_live, { keep }) => {
        const changes = diff.data ? totalOf(diff.data) : 0
        await refresh()
        notifyDone(
          keep
            ? `${connection.name} is live, with ${counted(changes, 'change', 'changes')}`
            : `${connection.name} is live`,
        )
        router.history.push(paths.connection(connection.id))
      },
    }),
  )
  // The feed tells that the copy is gone before the answer comes; it must not be asked for then.
  const diff = useQuery({
    ...api.scim.getShadow.queryOptions({ input: { connectionId: connection.id } }),
    enabled: connection.mode === 'shadow' && !end.isPending && !end.isSuccess,
  })

  if (connection.mode === 'live')
    return (
      <EmptyState
        icon={<IconEye size={32} stroke={1.25} />}
        title="This connection is live"
        body="What the provider sends changes the workspace at once. To watch again without changing anything, switch to watching under Settings."
      />
    )
  if (diff.error)
    return (
      <ProblemAlert
        error={diff.error}
        title="What would change could not be read"
        onRetry={() => void diff.refetch()}
      />
    )
  if (!diff.data) return <Skeletons label="Comparing the copy with the workspace" rows={8} />
  return <Difference connection={connection} diff={diff.data} end={end} />
}

interface End {
  mutate: (input: { connectionId: string; keep: boolean }) => void
  isPending: boolean
  error: unknown
}

type DifferenceProps = { connection: ScimConnection; diff: ShadowDiff; end: End }

function Difference({ connection, diff, end }: DifferenceProps) {
  const total = totalOf(diff)

  async function goLive() {
    const sure = await confirmAct({
      title:
        total === 0
          ? `Go live with ${connection.name}?`
          : `Go live with these ${counted(total, 'change', 'changes')}?`,
      body: <GoLiveWords diff={diff} />,
      verb: 'Go live',
    })
    if (sure) end.mutate({ connectionId: connection.id, keep: true })
  }

  async function drop() {
    const sure = await confirmAct({
      title: 'Drop the copy and go live?',
      body: `Nothing of what is shown here happens. From now on each call of ${connection.name} changes the workspace at once; the provider may send the same changes again.`,
      verb: 'Drop the copy and go live',
      danger: true,
    })
    if (sure) end.mutate({ connectionId: connection.id, keep: false })
  }

  return (
    <Stack gap="lg">
      <Group justify="space-between" gap="sm">
        <Text size="sm" c="dimmed" flex="1 1 320px">
          Watching since <Ago at={diff.since} />. {summaryOf(diff)}
        </Text>
        <Group gap="xs">
          <Button onClick={goLive} loading={end.isPending}>
            {total === 0 ? 'Go live' : `Go live with these ${counted(total, 'change', 'changes')}`}
          </Button>
          <Button variant="default" onClick={drop} loading={end.isPending}>
            Drop the copy
          </Button>
        </Group>
      </Group>
      {end.error != null && <ProblemAlert error={end.error} title="It still watches" />}
      {total === 0 && (
        <EmptyState
          icon={<IconEye size={32} stroke={1.25} />}
          title="Nothing would change"
          body="Whatever the provider sends from now on appears here, person by person, before it happens."
        />
      )}
      {diff.members.length > 0 && (
        <Section title={`People (${diff.members.length.toLocaleString()})`}>
          <ul className="kd-diff" aria-label="People">
            {diff.members.map((change) => (
              <MemberLine key={change.memberId} change={change} />
            ))}
          </ul>
        </Section>
      )}
      {diff.roles.length > 0 && (
        <Section title={`Roles (${diff.roles.length.toLocaleString()})`}>
          <ul className="kd-diff" aria-label="Roles">
            {diff.roles.map((change) => (
              <RoleLine key={change.roleId} change={change} />
            ))}
          </ul>
        </Section>
      )}
      {diff.more > 0 && (
        <p className="kd-hint">And {counted(diff.more, 'more change', 'more changes')} of the same kinds.</p>
      )}
    </Stack>
  )
}

const PEOPLE: Record<MemberChange['change'], { tone: StateTone; word: string }> = {
  create: { tone: 'done', word: 'Comes in' },
  update: { tone: 'progress', word: 'Changes' },
  activate: { tone: 'done', word: 'May sign in again' },
  deactivate: { tone: 'failed', word: 'Locked out' },
  delete: { tone: 'failed', word: 'Deleted' },
}

const ROLES: Record<RoleChange['change'], { tone: StateTone; word: string }> = {
  create: { tone: 'done', word: 'New role' },
  update: { tone: 'progress', word: 'Changes' },
  delete: { tone: 'failed', word: 'Deleted' },
  members: { tone: 'progress', word: 'Other people' },
}

function MemberLine({ change: { name, change, details } }: { change: MemberChange }) {
  return (
    <li>
      <div className="kd-diff-head">
        <span>{name}</span>
        <StateBadge tone={PEOPLE[change].tone}>{PEOPLE[change].word}</StateBadge>
      </div>
      {change === 'create' ? (
        <details>
          <summary>{valuesOf(details)}</summary>
          <Details details={details} />
        </details>
      ) : (
        <Details details={details} />
      )}
    </li>
  )
}

type Detail = MemberChange['details'][number]

function Details({ details }: { details: readonly Detail[] }) {
  return details.map(({ field, from, to }) => (
    <div key={field} className="kd-hint">
      {field}: {from !== null && <del>{from}</del>} {to !== null && <ins>{to}</ins>}
    </div>
  ))
}

// Of somebody new everything is new; who it is fits on a line.
function valuesOf(details: readonly Detail[]) {
  const values = new Set(details.flatMap(({ to }) => (to === null ? [] : [to])))
  return [...values].slice(0, 3).join(' · ') || 'All attributes'
}

function RoleLine({ change: { name, change, added, removed } }: { change: RoleChange }) {
  return (
    <li>
      <div className="kd-diff-head">
        <span>{name}</span>
        <StateBadge tone={ROLES[change].tone}>{ROLES[change].word}</StateBadge>
      </div>
      {added.length > 0 && (
        <div className="kd-hint">
          <ins>+ {someOf(added, 8)}</ins>
        </div>
      )}
      {removed.length > 0 && (
        <div className="kd-hint">
          <del>− {someOf(removed, 8)}</del>
        </div>
      )}
    </li>
  )
}

function totalOf({ members, roles, more }: ShadowDiff) {
  return members.length + roles.length + more
}

function summaryOf({ members, roles }: ShadowDiff) {
  const of = (kind: MemberChange['change']) => members.filter(({ change }) => change === kind).length
  const parts = [
    [of('create'), 'would come in'],
    [of('activate'), 'would be let in again'],
    [of('update'), 'would change'],
    [of('deactivate') + of('delete'), 'would be locked out'],
  ] as const
  const people = parts.flatMap(([count, words]) =>
    count > 0 ? [`${counted(count, 'person', 'people')} ${words}`] : [],
  )
  const all = [
    ...people,
    ...(roles.length > 0 ? [`${counted(roles.length, 'role', 'roles')} would change`] : []),
  ]
  return all.length === 0 ? '' : `${all.join(', ')}.`
}

function GoLiveWords({ diff }: { diff: ShadowDiff }) {
  const out = diff.members.filter(({ change }) => change === 'deactivate' || change === 'delete')
  return (
    <Stack gap="xs">
      <Text size="sm">
        {summaryOf(diff) || 'Nothing changes now.'} From then on each call of the provider changes the
        workspace at once.
      </Text>
      {out.length > 0 && (
        <Text size="sm">
          <b>Signed out everywhere:</b>{' '}
          {someOf(
            out.map(({ name }) => name),
            8,
          )}
          .
        </Text>
      )}
    </Stack>
  )
}
