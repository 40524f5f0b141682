import type { Cut, Hold, ScimConnection } from '@keydesk/server/contract/scim'
import { Button, Checkbox, Group, Stack, Text } from '@mantine/core'
import { IconShieldCheck } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../api/index.ts'
import { useCan } from '../session/index.ts'
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
import { counted, readablePath, someOf } from './wording.ts'

type Decision = 'release' | 'discard'

/** What the safety brake holds back, whom it would hit, and the decision of an owner. */
export function HeldTab({ connection }: { connection: ScimConnection }) {
  const holds = useQuery(
    api.scim.listHolds.queryOptions({ input: { connectionId: connection.id, state: 'all' } }),
  )
  if (holds.error)
    return (
      <ProblemAlert
        error={holds.error}
        title="What is held could not be read"
        onRetry={() => void holds.refetch()}
      />
    )
  if (!holds.data) return <Skeletons label="Loading what is held" rows={6} />
  const held = holds.data.items.filter(({ state }) => state === 'held')
  const decided = holds.data.items.filter(({ state }) => state !== 'held')
  return (
    <Stack gap="lg">
      {held.length === 0 ? (
        <EmptyState
          icon={<IconShieldCheck size={32} stroke={1.25} />}
          title="Nothing is held"
          body={`When more than ${brakeWords(connection)} would lose access, the rest waits here until an owner decides.`}
        />
      ) : (
        <Undecided connection={connection} held={held} />
      )}
      {decided.length > 0 && (
        <Section title="Decided">
          <ul className="kd-line-list" aria-label="Decided">
            {decided.map((hold) => (
              <DecidedLine key={hold.id} hold={hold} />
            ))}
          </ul>
        </Section>
      )}
    </Stack>
  )
}

function Undecided({ connection, held }: { connection: ScimConnection; held: readonly Hold[] }) {
  const mayDecide = useCan('roles.manage')
  const refresh = useRefreshConnections()
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set())
  const chosen = held.filter(({ id }) => !left.has(id))
  const decide = useMutation(
    api.scim.decideHolds.mutationOptions({
      onSuccess: async ({ items }, { decision }) => {
        await refresh()
        const calls = counted(items.length, 'held call', 'held calls')
        notifyDone(decision === 'release' ? `${calls} done` : `${calls} dropped`)
      },
    }),
  )

  function toggle(id: string) {
    const next = new Set(left)
    if (!next.delete(id)) next.add(id)
    setLeft(next)
  }

  async function ask(decision: Decision) {
    const sure = await confirmAct(questionFor(decision, connection, chosen))
    if (sure) decide.mutate({ connectionId: connection.id, holdIds: chosen.map(({ id }) => id), decision })
  }

  return (
    <Stack gap="md">
      <Text size="sm">
        The provider asked for {summaryOf(held, 'asked')}. That is more than may lose access at once (
        {brakeWords(connection)}), so Keydesk did none of it and told the provider that it waits.
      </Text>
      {KINDS.map(({ kind, title }) => {
        const some = held.filter(({ cuts }) => cuts[0]?.kind === kind)
        if (some.length === 0) return null
        return (
          <Section key={kind} title={`${title} (${some.length.toLocaleString()})`}>
            <ul className="kd-diff" aria-label={title}>
              {some.map((hold) => (
                <HoldLine
                  key={hold.id}
                  hold={hold}
                  checked={!left.has(hold.id)}
                  {...(mayDecide ? { onToggle: () => toggle(hold.id) } : {})}
                />
              ))}
            </ul>
          </Section>
        )
      })}
      {decide.error && <ProblemAlert error={decide.error} title="Nothing was decided" />}
      {mayDecide ? (
        <Group gap="xs">
          <Button
            color="red.9"
            disabled={chosen.length === 0}
            loading={decide.isPending}
            onClick={() => ask('release')}
          >
            Release {counted(chosen.length, 'held call', 'held calls')}…
          </Button>
          <Button
            variant="default"
            disabled={chosen.length === 0}
            loading={decide.isPending}
            onClick={() => ask('discard')}
          >
            Discard {counted(chosen.length, 'held call', 'held calls')}…
          </Button>
        </Group>
      ) : (
        <p className="kd-hint">Only an owner may release or discard this. Ask one to open this page.</p>
      )}
    </Stack>
  )
}

const KINDS: readonly { kind: Cut['kind']; title: string }[] = [
  { kind: 'deletion', title: 'People deleted' },
  { kind: 'deactivation', title: 'People locked out' },
  { kind: 'role_loss', title: 'Roles taken' },
]

type HoldLineProps = { hold: Hold; checked: boolean; onToggle?: () => void }

function HoldLine({ hold, checked, onToggle }: HoldLineProps) {
  const words = cutsInWords(hold.cuts)
  return (
    <li>
      <Group wrap="nowrap" gap="sm" align="flex-start">
        {onToggle && <Checkbox checked={checked} onChange={onToggle} aria-label={words.join(' ')} mt={2} />}
        <div>
          {words.map((sentence) => (
            <div key={sentence}>{sentence}</div>
          ))}
          <span className="kd-hint">
            <span className="kd-mono">
              {hold.method} {readablePath(hold.path)}
            </span>{' '}
            · <Ago at={hold.createdAt} />
          </span>
        </div>
      </Group>
    </li>
  )
}

const STATES: Record<Hold['state'], { tone: StateTone; word: string }> = {
  held: { tone: 'waiting', word: 'Held' },
  released: { tone: 'done', word: 'Released' },
  discarded: { tone: 'off', word: 'Discarded' },
  superseded: { tone: 'off', word: 'Overtaken' },
}

function DecidedLine({ hold }: { hold: Hold }) {
  return (
    <li>
      <div>
        {cutsInWords(hold.cuts).join(' ')}
        <div className="kd-hint">
          {hold.outcome}
          {hold.decidedBy && ` By ${hold.decidedBy.name}, `}
          {hold.decidedAt && <Ago at={hold.decidedAt} />}
        </div>
      </div>
      <StateBadge
        tone={STATES[hold.state].tone}
        hint={hold.state === 'superseded' ? 'A later call of the provider made it void' : undefined}
      >
        {STATES[hold.state].word}
      </StateBadge>
    </li>
  )
}

/** What a held call would do, a sentence for each kind and role. */
function cutsInWords(cuts: readonly Cut[]): string[] {
  const names = (kind: Cut['kind'], role?: string | null) =>
    cuts
      .filter((cut) => cut.kind === kind && (role === undefined || cut.role === role))
      .map(({ member }) => member)
  const roles = [...new Set(cuts.flatMap(({ kind, role }) => (kind === 'role_loss' ? [role] : [])))]
  const out = names('deactivation')
  const gone = names('deletion')
  return [
    ...(out.length > 0 ? [`Locks out ${someOf(out)}.`] : []),
    ...(gone.length > 0 ? [`Deletes ${someOf(gone)}.`] : []),
    ...roles.map((role) => `Takes the role ${role ?? ''} from ${someOf(names('role_loss', role))}.`),
  ]
}

const WISHES: Record<Cut['kind'], { asked: string; done: string }> = {
  deactivation: { asked: 'to be locked out', done: 'locked out' },
  deletion: { asked: 'to be deleted', done: 'deleted' },
  role_loss: { asked: 'to lose a role', done: 'without a role they had' },
}

/** How many people each kind hits: "3 people to be locked out", or "3 people locked out". */
function summaryOf(holds: readonly Hold[], how: 'asked' | 'done') {
  const cuts = holds.flatMap((hold) => hold.cuts)
  const kinds = Object.keys(WISHES) as Cut['kind'][]
  return kinds
    .flatMap((kind) => {
      const people = new Set(cuts.flatMap((cut) => (cut.kind === kind ? [cut.memberId] : [])))
      return people.size > 0 ? [`${counted(people.size, 'person', 'people')} ${WISHES[kind][how]}`] : []
    })
    .join(', and ')
}

function brakeWords({ settings: { brake } }: ScimConnection) {
  const share = Math.round(brake.share * 100)
  return `${counted(brake.people, 'person', 'people')} or ${share} % within ${counted(brake.minutes, 'minute', 'minutes')}`
}

function questionFor(decision: Decision, connection: ScimConnection, chosen: readonly Hold[]) {
  const calls = counted(chosen.length, 'held call', 'held calls')
  const names = [...new Set(chosen.flatMap(({ cuts }) => cuts.map(({ member }) => member)))]
  if (decision === 'discard')
    return {
      title: `Discard ${calls}?`,
      body: `${someOf(names, 8)} ${names.length === 1 ? 'keeps' : 'keep'} access. The provider still believes that it is taken away, and may ask again; put it right there too.`,
      verb: `Discard ${calls}`,
    }
  return {
    title: `Release ${calls}?`,
    body: `At once: ${summaryOf(chosen, 'done')}. It is about ${someOf(names, 8)}. Sessions, tokens and open approvals of whoever is locked out end with it.`,
    verb: `Release ${calls}`,
    danger: true,
    typeToConfirm: connection.name,
  }
}
