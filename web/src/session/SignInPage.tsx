import { Button, PasswordInput, TextInput } from '@mantine/core'
import { isEmail, isNotEmpty, matches, useForm } from '@mantine/form'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useRouter, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { api } from '../api/client.ts'
import { ProblemAlert, Skeletons } from '../ui/index.ts'
import { goBack, returnPath } from './leave.ts'
import { recalled, remember } from './remembered.ts'
import { SignInShell } from './SignInShell.tsx'
import { sessionQuery } from './session.ts'

const options = api.accounts.signInOptions.queryOptions({ staleTime: 60_000 })

/** A link by e-mail first; a password for those who have one. */
export function SignInPage() {
  const { to } = useSearch({ from: '/sign-in' })
  const [sentTo, setSentTo] = useState<string>()
  const workspace = useQuery(options)

  if (workspace.isPending) return <SignInShell title="Sign in">{<Skeletons rows={3} />}</SignInShell>
  if (workspace.error)
    return (
      <SignInShell title="Sign in">
        <ProblemAlert error={workspace.error} onRetry={() => void workspace.refetch()} />
      </SignInShell>
    )
  if (sentTo) return <CheckYourMail sentTo={sentTo} onBack={() => setSentTo(undefined)} />

  return <SignInForm only={workspace.data.workspace} to={to} onSent={setSentTo} />
}

interface SignInFormProps {
  /** The workspace, when this Keydesk has just one. */
  only: { slug: string; name: string } | null
  to: string | undefined
  onSent: (email: string) => void
}

function SignInForm({ only, to, onSent }: SignInFormProps) {
  const [withPassword, setWithPassword] = useState(false)
  const queryClient = useQueryClient()
  const router = useRouter()
  const link = useMutation(api.accounts.requestSignInLink.mutationOptions())
  const password = useMutation(api.accounts.signIn.mutationOptions())
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { workspace: only?.slug ?? recalled('workspace'), email: recalled('email'), password: '' },
    validateInputOnBlur: true,
    validate: {
      workspace: (value) =>
        value.trim() === ''
          ? 'Write the name of your workspace.'
          : matches(
              /^[a-z0-9][a-z0-9-]{0,62}$/,
              'A workspace name has lower-case letters, digits and hyphens.',
            )(value),
      email: isEmail('Write your whole address, like ada@acme.com.'),
      password: withPassword ? isNotEmpty('Write your password, or take a link by e-mail.') : () => null,
    },
  })

  async function submit(values: { workspace: string; email: string; password: string }) {
    const { workspace, email } = { workspace: values.workspace.trim(), email: values.email.trim() }
    remember({ workspace, email, to: returnPath(to) })
    if (!withPassword) {
      await link.mutateAsync({ workspace, email })
      onSent(email)
      return
    }
    const session = await password.mutateAsync({
      with: 'password',
      workspace,
      email,
      password: values.password,
    })
    queryClient.clear()
    queryClient.setQueryData(sessionQuery.queryKey, session)
    goBack(router, returnPath(to))
  }

  const error = withPassword ? password.error : link.error
  const busy = link.isPending || password.isPending

  return (
    <SignInShell title={only ? `Sign in to ${only.name}` : 'Sign in to Keydesk'}>
      <form onSubmit={form.onSubmit((values) => void submit(values).catch(() => undefined))} noValidate>
        {error && (
          <ProblemAlert
            error={error}
            title={withPassword ? 'You were not signed in' : 'The link was not sent'}
          />
        )}
        {!only && (
          <TextInput
            label="Workspace"
            description="The short name of your company's desk, as in its invitations"
            autoCapitalize="none"
            autoComplete="organization"
            key={form.key('workspace')}
            {...form.getInputProps('workspace')}
          />
        )}
        <TextInput
          label="Work e-mail"
          type="email"
          autoComplete="username"
          autoFocus
          key={form.key('email')}
          {...form.getInputProps('email')}
        />
        {withPassword && (
          <PasswordInput
            label="Password"
            autoComplete="current-password"
            autoFocus
            key={form.key('password')}
            {...form.getInputProps('password')}
          />
        )}
        <Button type="submit" size="md" fullWidth loading={busy}>
          {withPassword ? 'Sign in' : 'Send me a sign-in link'}
        </Button>
        <Button variant="subtle" onClick={() => setWithPassword(!withPassword)}>
          {withPassword ? 'Send me a link instead' : 'Use a password instead'}
        </Button>
      </form>
    </SignInShell>
  )
}

function CheckYourMail({ sentTo, onBack }: { sentTo: string; onBack: () => void }) {
  return (
    <SignInShell title="Check your mail">
      <div className="kd-sign-in-body" role="status">
        <p>
          If <strong>{sentTo}</strong> belongs to this workspace, a sign-in link is on its way. It works once,
          and only for a short while.
        </p>
        <p className="kd-sign-in-foot">
          Nothing after a few minutes? Look into the spam folder, or ask whoever runs Keydesk whether your
          account is active.
        </p>
        <Button variant="default" onClick={onBack}>
          Use another address
        </Button>
      </div>
    </SignInShell>
  )
}
