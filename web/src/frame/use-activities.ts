import type { Import } from '@keydesk/server/contract/okta'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { api } from '../api/client.ts'
import { ProblemError } from '../api/problem.ts'
import { useCan } from '../session/index.ts'
import { durationOf, notifyDone, notifyProblem } from '../ui/index.ts'

interface Activity {
  id: string
  label: string
  done: number
  total: number | null
  detail: string
}

const phases: Record<Import['phase'], string> = {
  users: 'Reading people',
  groups: 'Reading groups',
  memberships: 'Reading who is in which group',
  apps: 'Reading apps',
  assignments: 'Reading who has which app',
  finishing: 'Putting it together',
}

/** The long work of the workspace, as the server knows it; tells when one of them ends. */
export function useActivities() {
  const known = useCan('people.read')
  const connections = useQuery(
    api.okta.listOktaConnections.queryOptions({
      enabled: known,
      refetchInterval: ({ state }) => (state.data?.items.some(isImporting) ? 2_000 : false),
    }),
  )
  const imports = (connections.data?.items ?? []).flatMap(({ lastImport }) =>
    lastImport ? [lastImport] : [],
  )
  useTellTheEnd(imports)

  const running = imports.filter(({ state }) => state === 'running').map(activityOf)
  return Object.assign(running, { known })
}

function activityOf(run: Import): Activity {
  const rate = run.perSecond ? `${Math.round(run.perSecond).toLocaleString()} a second` : undefined
  const left = run.secondsLeft === null ? undefined : `about ${durationOf(run.secondsLeft)} left`
  return {
    id: run.id,
    label: `Okta: ${phases[run.phase]}`,
    done: run.done,
    total: run.total,
    detail: [rate, left].filter(Boolean).join(' · ') || 'Counting…',
  }
}

function useTellTheEnd(imports: readonly Import[]) {
  const watched = useRef(new Set<string>())
  useEffect(() => {
    for (const run of imports) {
      if (run.state === 'running') watched.current.add(run.id)
      else if (watched.current.delete(run.id)) tell(run)
    }
  }, [imports])
}

function tell(run: Import) {
  if (run.state === 'complete') {
    notifyDone(
      `Okta is read: ${run.counts.users.toLocaleString()} people, ${run.counts.groups.toLocaleString()} groups`,
    )
  } else if (run.failure) {
    notifyProblem(
      new ProblemError({ code: run.failure.code ?? 'import_failed', status: 0, detail: run.failure.message }),
    )
  }
}

function isImporting({ lastImport }: { lastImport: Import | null }) {
  return lastImport?.state === 'running'
}
