import type { OktaConnection } from '@keydesk/server/contract/okta'
import { Alert, Button, Stack } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { api } from '../api/index.ts'
import { confirmAct, Facts, notifyProblem, Section, StateBadge } from '../ui/index.ts'
import { OktaChecks } from './OktaChecks.tsx'
import { OktaCredentials } from './OktaCredentials.tsx'
import { OktaImport } from './OktaImport.tsx'

/** A connection that has worked at least once: its import, its health, and the way out. */
export function OktaConnected({ connection }: { connection: OktaConnection }) {
  const broken = connection.state === 'broken'
  return (
    <Stack gap="xl">
      <Facts
        items={[
          {
            label: 'State',
            value: broken ? (
              <StateBadge tone="failed">Okta does not let Keydesk in</StateBadge>
            ) : (
              <StateBadge tone="done">Connected</StateBadge>
            ),
          },
          {
            label: 'Signs in with',
            value:
              connection.method === 'service_app'
                ? `Service app ${connection.clientId ?? ''}`
                : `API token ending in ${connection.tokenHint ?? '····'}`,
          },
        ]}
      />
      {broken && (
        <Alert color="red" variant="light" title="Actions and imports stand still">
          What was imported stays readable. Mend what is missing below; give the credentials again if they
          changed.
        </Alert>
      )}
      <OktaImport connection={connection} />
      <Section title="Health" hint="What Keydesk needs of Okta, tried for real.">
        <OktaChecks connection={connection} />
      </Section>
      {broken && (
        <Section title="Credentials">
          <OktaCredentials connection={connection} />
        </Section>
      )}
      <Disconnect connection={connection} />
    </Stack>
  )
}

function Disconnect({ connection }: { connection: OktaConnection }) {
  const queryClient = useQueryClient()
  const disconnect = useMutation(
    api.okta.deleteOktaConnection.mutationOptions({
      onSuccess: () => queryClient.invalidateQueries(),
      onError: notifyProblem,
    }),
  )

  async function ask() {
    const people = connection.lastImport?.counts.users
    const sure = await confirmAct({
      title: `Disconnect ${connection.domain}?`,
      body: (
        <Stack gap="xs">
          <p>No action can run any more, and what waits for approval or an answer stays as it is.</p>
          <p>
            {people === undefined ? 'People' : `${people.toLocaleString()} people`}, their groups and apps
            stay readable here, but no longer change.
          </p>
          <p>Nothing changes in Okta. Keydesk forgets its key or token; connecting again begins anew.</p>
        </Stack>
      ),
      verb: `Disconnect ${connection.domain}`,
      danger: true,
      typeToConfirm: connection.domain,
    })
    if (sure) disconnect.mutate({ connectionId: connection.id })
  }

  return (
    <Section title="Disconnect" hint="Stops every action and import. What was imported stays readable.">
      <Button
        variant="default"
        c="var(--kd-failed)"
        loading={disconnect.isPending}
        onClick={ask}
        style={{ alignSelf: 'flex-start' }}
      >
        Disconnect {connection.domain}…
      </Button>
    </Section>
  )
}
