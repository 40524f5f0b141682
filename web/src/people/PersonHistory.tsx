import type { Person } from '@keydesk/server/contract/directory'
import { useQuery } from '@tanstack/react-query'
import { api } from '../api/client.ts'
import { RunCard } from '../desk/RunCard.tsx'
import { useCan } from '../session/index.ts'
import { ProblemAlert, Section, Skeletons } from '../ui/index.ts'

/** What Keydesk did to a person, newest first. */
export function PersonHistory({ person }: { person: Person }) {
  const mayRead = useCan('requests.read')
  const runs = useQuery(
    api.actions.listActionRuns.queryOptions({ input: { personId: person.id }, enabled: mayRead }),
  )
  if (!mayRead) return null

  return (
    <Section title="What Keydesk did">
      {runs.error && <ProblemAlert error={runs.error} title="What was done could not be loaded" />}
      {runs.isPending && <Skeletons rows={2} />}
      {runs.data?.items.length === 0 && (
        <p className="kd-hint">
          Nothing yet. What is done to {person.displayName} from here, and what Okta answered, is kept here.
        </p>
      )}
      {runs.data?.items.map((run) => (
        <RunCard key={run.id} run={run} />
      ))}
    </Section>
  )
}
