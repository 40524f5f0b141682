import type { Import, OktaConnection } from '@keydesk/server/contract/okta'
import { Button, Group, Stack, Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { api } from '../api/index.ts'
import { paths } from '../paths.ts'
import { Ago, AppLink, durationOf, ProblemAlert, ProgressBar, Section, StateBadge } from '../ui/index.ts'
import { ImportCounts } from './ImportCounts.tsx'
import { ImportFailure } from './ImportFailure.tsx'

const PHASES: Record<Import['phase'], string> = {
  users: 'People',
  groups: 'Groups',
  memberships: 'Who is in which group',
  apps: 'Apps',
  assignments: 'Who has which app',
  finishing: 'Putting it in place',
}

/** Reads the whole directory, and shows how far it is. The page may be left meanwhile. */
export function OktaImport({ connection }: { connection: OktaConnection }) {
  const queryClient = useQueryClient()
  const last = connection.lastImport
  const start = useMutation(
    api.okta.startOktaImport.mutationOptions({
      onSuccess: () => queryClient.invalidateQueries({ queryKey: api.okta.key() }),
    }),
  )
  const running = last?.state === 'running'

  return (
    <Section title="Directory" hint="Reads people, groups and apps from Okta. Nothing in Okta changes.">
      {running && <Progress last={last} />}
      {last?.state === 'failed' && last.failure && <ImportFailure failure={last.failure} />}
      {last?.state === 'complete' && (
        <Text size="sm">
          <StateBadge tone="done">Imported</StateBadge> <Ago at={last.endedAt ?? last.startedAt} />
        </Text>
      )}
      {last && <ImportCounts counts={last.counts} />}
      {start.error && <ProblemAlert error={start.error} title="The import did not start" />}
      {!running && (
        <Group gap="xs">
          {last?.state === 'complete' && (
            <Button component={AppLink} to={paths.people()}>
              Look at your people
            </Button>
          )}
          <Button
            {...(last?.state === 'complete' ? { variant: 'default' } : {})}
            loading={start.isPending}
            disabled={connection.state !== 'connected'}
            onClick={() => start.mutate({ connectionId: connection.id })}
          >
            {last ? 'Import again' : 'Import people, groups and apps'}
          </Button>
        </Group>
      )}
    </Section>
  )
}

function Progress({ last }: { last: Import }) {
  return (
    <Stack gap="xs" aria-live="polite">
      <ProgressBar label={PHASES[last.phase]} done={last.done} total={last.total} detail={paceOf(last)} />
      <Text size="sm" c="dimmed">
        Keep working; the import goes on without this page.
      </Text>
    </Stack>
  )
}

function paceOf({ perSecond, secondsLeft }: Import) {
  const pace = perSecond === null ? [] : [`${Math.round(perSecond).toLocaleString()} per second`]
  const left = secondsLeft === null ? [] : [`about ${durationOf(secondsLeft)} left`]
  return [...pace, ...left].join(', ')
}
