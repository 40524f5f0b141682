import type { OktaConnection } from '@keydesk/server/contract/okta'
import { Button, Stack } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { api } from '../api/index.ts'
import { confirmAct, notifyProblem, Section } from '../ui/index.ts'
import { OktaChecks } from './OktaChecks.tsx'
import { OktaServiceAppSteps } from './OktaServiceAppSteps.tsx'
import { OktaTokenSteps } from './OktaTokenSteps.tsx'

/** The steps in Okta, then what Keydesk found when it tried. Stays here until every needed check holds. */
export function OktaWizard({ connection }: { connection: OktaConnection }) {
  const queryClient = useQueryClient()
  const discard = useMutation(
    api.okta.deleteOktaConnection.mutationOptions({
      onSuccess: () => queryClient.invalidateQueries({ queryKey: api.okta.key() }),
      onError: notifyProblem,
    }),
  )

  async function startOver() {
    const sure = await confirmAct({
      title: 'Start over?',
      body: 'Keydesk forgets this domain and its key. Nothing in Okta changes; an app you made there can be deleted.',
      verb: 'Start over',
    })
    if (sure) discard.mutate({ connectionId: connection.id })
  }

  return (
    <Stack gap="xl">
      {connection.method === 'service_app' ? (
        <OktaServiceAppSteps connection={connection} />
      ) : (
        <OktaTokenSteps connection={connection} />
      )}
      {connection.checks.length > 0 && (
        <Section title="What Keydesk found" hint="Mend what is missing in Okta, then check again.">
          <OktaChecks connection={connection} />
        </Section>
      )}
      <Button variant="subtle" color="gray" onClick={startOver} style={{ alignSelf: 'flex-start' }}>
        Start over with another domain or method
      </Button>
    </Stack>
  )
}
