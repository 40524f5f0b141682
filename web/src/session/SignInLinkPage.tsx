import { Button } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'
import { useState } from 'react'
import { api } from '../api/client.ts'
import { paths } from '../paths.ts'
import { AppLink, ProblemAlert } from '../ui/index.ts'
import { goBack, returnPath } from './leave.ts'
import { recalled, remember } from './remembered.ts'
import { SignInShell } from './SignInShell.tsx'
import { sessionQuery } from './session.ts'

/**
 * Where a sign-in link lands. The token stands behind `#`, so no server and no log sees it, and it is spent only by
 * the button: a mail scanner that opens links signs nobody in. Signing in replaces its entry in the history.
 */
export function SignInLinkPage() {
  const [token] = useState(readToken)
  const queryClient = useQueryClient()
  const router = useRouter()
  const options = useQuery(api.accounts.signInOptions.queryOptions({ staleTime: 60_000 }))
  const signIn = useMutation(
    api.accounts.signIn.mutationOptions({
      onSuccess: (session) => {
        const to = returnPath(recalled('to'))
        remember({ to: '' })
        queryClient.clear()
        queryClient.setQueryData(sessionQuery.queryKey, session)
        goBack(router, to)
      },
    }),
  )

  const name = options.data?.workspace?.name ?? 'Keydesk'
  if (!token) return <Incomplete />

  return (
    <SignInShell title={`Sign in to ${name}`} lead="You came by the link in your mail.">
      <div className="kd-sign-in-body">
        {signIn.error ? (
          <>
            <ProblemAlert error={signIn.error} title="This link did not sign you in" />
            <Button component={AppLink} to={paths.signIn()} size="md">
              Send me a new link
            </Button>
          </>
        ) : (
          <Button
            size="md"
            autoFocus
            loading={signIn.isPending || signIn.isSuccess}
            onClick={() => signIn.mutate({ with: 'link', token })}
          >
            Sign in to {name}
          </Button>
        )}
      </div>
    </SignInShell>
  )
}

function Incomplete() {
  return (
    <SignInShell
      title="This link is incomplete"
      lead="Its end is missing; some mail programs cut long links."
    >
      <Button component={AppLink} to={paths.signIn()} size="md">
        Send me a new link
      </Button>
    </SignInShell>
  )
}

function readToken() {
  return new URLSearchParams(window.location.hash.slice(1)).get('token') ?? ''
}
