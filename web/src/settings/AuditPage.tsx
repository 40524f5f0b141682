import { Button, Select, Stack, TextInput } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import * as z from 'zod'
import { api } from '../api/index.ts'
import {
  EmptyState,
  ProblemAlert,
  SettingsPage,
  Skeletons,
  Toolbar,
  useDebounced,
  usePageSearch,
} from '../ui/index.ts'
import { AuditLine } from './AuditLine.tsx'
import { ChainCheck } from './ChainCheck.tsx'
import { inSettings } from './crumbs.ts'

const Search = z.object({ subject: z.string().max(60), type: z.string().max(60) })

function eventsOf(filter: { subject?: string; type?: string }) {
  return api.accounts.listEvents.infiniteOptions({
    input: (before: number | undefined) => ({ ...filter, ...(before ? { before } : {}), limit: 50 }),
    initialPageParam: undefined,
    getNextPageParam: (last) => last.nextBefore,
  })
}

export function AuditPage() {
  const [url, setUrl] = usePageSearch(Search)
  const subject = useDebounced(url.subject ?? '')
  const type = url.type ?? ''
  const events = useInfiniteQuery(eventsOf({ ...(subject ? { subject } : {}), ...(type ? { type } : {}) }))
  const lines = events.data?.pages.flatMap(({ items }) => items) ?? []

  return (
    <SettingsPage
      wide
      title="Audit log"
      crumbs={inSettings}
      lead="Everything that happened, newest first. Each line carries a hash over the line before it."
    >
      <ChainCheck />
      <Toolbar>
        <Select
          aria-label="Type of event"
          placeholder="Every type"
          searchable
          clearable
          data={events.data?.pages[0]?.types ?? []}
          value={url.type ?? null}
          onChange={(picked) => setUrl({ type: picked ?? undefined }, { replace: true })}
          flex="1 1 220px"
          maw={320}
        />
        <TextInput
          aria-label="Subject of event"
          placeholder="Id of what it is about, such as req_…"
          value={url.subject ?? ''}
          onChange={(event) => setUrl({ subject: event.currentTarget.value }, { replace: true })}
          flex="1 1 220px"
          maw={320}
        />
        {(url.type || url.subject) && (
          <Button variant="subtle" onClick={() => setUrl({ type: undefined, subject: undefined })}>
            Show everything
          </Button>
        )}
      </Toolbar>
      {events.error && (
        <ProblemAlert
          error={events.error}
          title="The log could not be read"
          onRetry={() => void events.refetch()}
        />
      )}
      {events.isPending && <Skeletons label="Loading the audit log" rows={8} />}
      {events.isSuccess && lines.length === 0 && (
        <EmptyState title="No event matches" body="Ids match from their first letter to their last." />
      )}
      <Stack component="ol" gap={0} p={0} m={0} style={{ listStyle: 'none' }} aria-label="Events">
        {lines.map((event) => (
          <AuditLine
            key={event.id}
            event={event}
            onSubject={(id) => setUrl({ subject: id })}
            onType={(chosen) => setUrl({ type: chosen })}
          />
        ))}
      </Stack>
      {events.hasNextPage && (
        <Button
          variant="default"
          loading={events.isFetchingNextPage}
          onClick={() => events.fetchNextPage()}
          style={{ alignSelf: 'center' }}
        >
          Load older events
        </Button>
      )}
    </SettingsPage>
  )
}
