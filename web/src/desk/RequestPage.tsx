import type { Request } from '@keydesk/server/contract/desk'
import { Stack } from '@mantine/core'
import { useSuspenseQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { api } from '../api/index.ts'
import { paths } from '../paths.ts'
import { useCan } from '../session/index.ts'
import { Ago, RecordPage } from '../ui/index.ts'
import { ActionsPanel } from './ActionsPanel.tsx'
import { Answers } from './Answers.tsx'
import { Composer } from './Composer.tsx'
import { RequestActs } from './RequestActs.tsx'
import { RequestBadge } from './RequestBadge.tsx'
import { RequesterFacts } from './RequesterFacts.tsx'
import { Timeline } from './Timeline.tsx'
import { WhereItStands } from './WhereItStands.tsx'

/** One request, for the agent who works on it and, with fewer powers, for the person who asked. */
export function RequestPage() {
  const { number } = useParams({ strict: false })
  const request = useSuspenseQuery(
    api.desk.getRequest.queryOptions({ input: { number: Number(number) } }),
  ).data
  const isAgent = useCan('requests.read')
  const mayRun = useCan('actions.run')
  const mayReadPeople = useCan('people.read')

  return (
    <RecordPage
      crumbs={[
        isAgent
          ? { label: 'Requests', to: paths.requests() }
          : { label: 'My requests', to: paths.myRequests() },
      ]}
      title={`#${request.number} ${request.title}`}
      badge={<RequestBadge status={request.status} />}
      meta={
        <span>
          {request.requester.displayName} asked for {request.serviceName} <Ago at={request.createdAt} />
        </span>
      }
      acts={<RequestActs request={request} />}
      main={
        <Stack gap="md">
          <Answers request={request} />
          <Timeline request={request} />
          <Composer key={request.number} request={request} />
        </Stack>
      }
      side={
        <Stack gap="lg">
          {isAgent ? (
            <RequesterFacts requester={request.requester} mayReadPeople={mayReadPeople} />
          ) : (
            <WhereItStands request={request} />
          )}
          {mayRun && mayReadPeople && (
            <ActionsPanel
              personId={request.requester.id}
              requestId={request.id}
              suggested={request.service.actionId}
              wantedGroupId={wantedGroupOf(request)}
            />
          )}
        </Stack>
      }
      sideLabel={isAgent ? 'Facts and apps' : 'Where it stands'}
      mainLabel="Conversation"
    />
  )
}

function wantedGroupOf({ service, answers }: Request) {
  const field = service.fields.find(({ kind }) => kind === 'group')
  return answers.find(({ key }) => key === field?.key)?.value
}
