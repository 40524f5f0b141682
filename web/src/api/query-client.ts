/** What is known of the server's answers, and for how long it may be shown. */
import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'
import { problemOf } from './problem.ts'

/** `onSignedOut` runs when any call finds the session ended. */
export function createQueryClient(onSignedOut: () => void) {
  const onError = (error: unknown) => {
    if (problemOf(error).status === 401) onSignedOut()
  }

  return new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        // The live feed says what changed; this is for the time when it is down.
        staleTime: 20_000,
        retry: (failures, error) => failures < 2 && mayPass(problemOf(error).status),
      },
      mutations: { retry: false },
    },
  })
}

// What the server refused it will refuse again; a fault or a silence may pass.
function mayPass(status: number) {
  return status === 0 || status >= 500
}
