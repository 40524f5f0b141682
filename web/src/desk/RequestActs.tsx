import type { Request } from '@keydesk/server/contract/desk'
import { Button } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { api } from '../api/index.ts'
import { useCan, useSession } from '../session/index.ts'
import { notifyDone, notifyProblem } from '../ui/index.ts'
import { AssigneeMenu } from './AssigneeMenu.tsx'

/** The acts in a request's header: who works on it, and whether it is settled. */
export function RequestActs({ request }: { request: Request }) {
  const mayWork = useCan('requests.work')
  const session = useSession()
  const { number } = request
  const queryClient = useQueryClient()
  const show = (next: Request) =>
    queryClient.setQueryData(api.desk.getRequest.queryKey({ input: { number } }), next)

  const reopen = useMutation(
    api.desk.reopenRequest.mutationOptions({ onSuccess: show, onError: notifyProblem }),
  )
  const close = useMutation(
    api.desk.closeRequest.mutationOptions({
      onSuccess: (next) => {
        show(next)
        notifyDone(`Request #${number} is closed`, () => reopen.mutate({ number }))
      },
      onError: notifyProblem,
    }),
  )

  const isRequester = session.person?.id === request.requester.id
  if (request.status === 'closed') {
    if (!mayWork && !isRequester) return null
    return (
      <Button variant="default" loading={reopen.isPending} onClick={() => reopen.mutate({ number })}>
        Reopen request
      </Button>
    )
  }
  if (!mayWork) return null
  return (
    <>
      <AssigneeMenu request={request} onDone={show} />
      <Button loading={close.isPending} onClick={() => close.mutate({ number })}>
        Close request
      </Button>
    </>
  )
}
