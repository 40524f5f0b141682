import { Stack } from '@mantine/core'
import { useSuspenseQuery } from '@tanstack/react-query'
import * as z from 'zod'
import { api } from '../api/index.ts'
import { paths } from '../paths.ts'
import { useCan } from '../session/index.ts'
import { Page, usePageSearch, ViewTabs } from '../ui/index.ts'
import { AssignedToMe } from './AssignedToMe.tsx'
import { Decided } from './Decided.tsx'
import { Waiting } from './Waiting.tsx'

const waiting = api.approvals.listMyApprovals.queryOptions({ input: { state: 'waiting' } })

const Search = z.object({ tab: z.literal('decided') })

/** What waits for the one who looks: decisions first, then the requests they took on. */
export function InboxPage() {
  const [{ tab }] = usePageSearch(Search)
  const { items } = useSuspenseQuery(waiting).data
  const mayWork = useCan('requests.work')

  return (
    <Page
      title="Waiting for me"
      tabs={
        <ViewTabs
          label="Views of the inbox"
          active={tab ?? 'waiting'}
          views={[
            { key: 'waiting', label: 'Waiting', to: paths.inbox(), count: items.length },
            { key: 'decided', label: 'Decided', to: paths.inbox({ tab: 'decided' }) },
          ]}
        />
      }
    >
      <Stack gap="xl" maw={760}>
        {tab === 'decided' ? (
          <Decided />
        ) : (
          <>
            <Waiting approvals={items} />
            {mayWork && <AssignedToMe />}
          </>
        )}
      </Stack>
    </Page>
  )
}
