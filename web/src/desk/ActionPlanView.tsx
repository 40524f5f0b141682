import type { ActionPlan, ActionRun, CatalogueEntry } from '@keydesk/server/contract/actions'
import type { Person } from '@keydesk/server/contract/directory'
import { Button, Group, Skeleton, Stack, Text } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { api } from '../api/index.ts'
import { confirmAct, ProblemAlert, StateBadge } from '../ui/index.ts'
import { Effects } from './Effects.tsx'
import { longLabel } from './long-label.ts'
import { actFor } from './wording.ts'

type Props = {
  entry: CatalogueEntry
  person: Person
  proposal: { actionId: string; input: Record<string, unknown>; requestId?: string }
  /** The inputs have changed since; what is shown is not what would be done. */
  isStale: boolean
  onStarted: (run: ActionRun) => void
  onCancel: () => void
}

/** What would happen, who must agree, and the one button that does exactly that. */
export function ActionPlanView({ entry, person, proposal, isStale, onStarted, onCancel }: Props) {
  const queryClient = useQueryClient()
  const plan = useQuery({
    ...api.actions.planAction.queryOptions({ input: proposal }),
    staleTime: 0,
    gcTime: 0,
    retry: false,
  })
  const run = useMutation(
    api.actions.runAction.mutationOptions({
      onSuccess: async (started) => {
        onStarted(started)
        await queryClient.invalidateQueries()
      },
      // A plan that no longer holds is refused with a conflict: show the one that holds.
      onError: () => plan.refetch(),
    }),
  )

  async function act(shown: ActionPlan) {
    if (entry.dangerous && !(await confirmDanger(entry, person, shown))) return
    run.mutate({ ...proposal, digest: shown.digest })
  }

  if (plan.isPending) return <Skeleton h={72} aria-label="Looking in Okta what this would do" />
  if (!plan.data)
    return (
      <>
        <ProblemAlert error={plan.error} title="Keydesk could not look what this would do" />
        <Group gap="xs">
          <Button variant="default" onClick={() => plan.refetch()}>
            Look again
          </Button>
          <Button variant="subtle" onClick={onCancel}>
            Back to all actions
          </Button>
        </Group>
      </>
    )
  return (
    <Stack gap="sm">
      <PlanWords plan={plan.data} />
      {run.error && <ProblemAlert error={run.error} title="Nothing was done" />}
      <Group gap="xs">
        {plan.data.verdict === 'ready' && (
          <Button
            {...longLabel}
            {...(entry.dangerous && plan.data.gate === 'none' ? { color: 'red.9' } : {})}
            disabled={isStale || plan.isFetching}
            loading={run.isPending}
            onClick={() => act(plan.data)}
          >
            {verbOf(entry, person, plan.data)}
          </Button>
        )}
        <Button variant="default" onClick={onCancel}>
          {plan.data.verdict === 'ready' ? 'Not now' : 'Back to all actions'}
        </Button>
      </Group>
    </Stack>
  )
}

const VERDICTS = {
  ready: null,
  already: <StateBadge tone="off">Nothing to do</StateBadge>,
  refused: <StateBadge tone="failed">Not possible</StateBadge>,
}

function PlanWords({ plan }: { plan: ActionPlan }) {
  return (
    <Stack gap="xs" aria-live="polite">
      {VERDICTS[plan.verdict]}
      <Text size="sm" fw={plan.verdict === 'ready' ? 500 : 400} style={{ overflowWrap: 'anywhere' }}>
        {plan.summary}
      </Text>
      <Effects effects={plan.effects} />
      {plan.verdict === 'ready' && plan.gate === 'manager' && (
        <Text size="sm" c="var(--kd-waiting)">
          {plan.approver
            ? `${plan.approver} has to approve first. Nothing happens until then.`
            : 'No manager is known, so whoever may approve at the desk is asked. Nothing happens until then.'}
        </Text>
      )}
    </Stack>
  )
}

/** The act itself, or the asking for it: a gated action is not done by this button. */
function verbOf(entry: CatalogueEntry, person: Person, { gate, approver }: ActionPlan) {
  if (gate === 'none') return actFor(entry.label, person.displayName)
  return approver ? `Ask ${approver} to approve` : 'Ask for approval'
}

function confirmDanger(entry: CatalogueEntry, person: Person, plan: ActionPlan) {
  return confirmAct({
    title: `${actFor(entry.label, person.displayName)}?`,
    body: (
      <Stack gap="xs">
        <Text>{plan.summary}</Text>
        <Effects effects={plan.effects} />
      </Stack>
    ),
    verb: verbOf(entry, person, plan),
    danger: plan.gate === 'none',
    typeToConfirm: person.displayName,
  })
}
