import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'
import { api } from '../api/client.ts'
import { paths } from '../paths.ts'
import { notifyProblem } from '../ui/index.ts'

/** Ends the session here and on the server, and forgets everything that was read. */
export function useSignOut() {
  const queryClient = useQueryClient()
  const router = useRouter()
  const signOut = useMutation(
    api.accounts.signOut.mutationOptions({
      onSuccess: () => {
        sessionStorage.clear()
        router.history.push(paths.signIn())
        queryClient.removeQueries()
      },
      onError: notifyProblem,
    }),
  )
  return () => signOut.mutate(undefined)
}
