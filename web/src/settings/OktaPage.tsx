import { useSuspenseQuery } from '@tanstack/react-query'
import { api } from '../api/index.ts'
import { useCan } from '../session/index.ts'
import { EmptyState, SettingsPage } from '../ui/index.ts'
import { inSettings } from './crumbs.ts'
import { OktaConnected } from './OktaConnected.tsx'
import { OktaStart } from './OktaStart.tsx'
import { OktaWizard } from './OktaWizard.tsx'

const connections = api.okta.listOktaConnections.queryOptions({
  // The live feed tells of phases; the bar between them moves by asking.
  refetchInterval: ({ state }) =>
    state.data?.items.some(({ lastImport }) => lastImport?.state === 'running') ? 1500 : false,
})

const WORDS = { draft: 'being connected', connected: 'connected', broken: 'not letting Keydesk in' }

/** From nothing connected to people imported: one page that is always at the step the connection is at. */
export function OktaPage() {
  const [connection] = useSuspenseQuery(connections).data.items
  const mayManage = useCan('integrations.manage')

  if (!mayManage)
    return (
      <SettingsPage title="Okta" crumbs={inSettings}>
        <EmptyState
          title={connection ? `${connection.domain} is ${WORDS[connection.state]}` : 'Okta is not connected'}
          body="Setting it up needs the permission “Connect Okta and change what is synced”. Ask an admin."
        />
      </SettingsPage>
    )

  if (!connection)
    return (
      <SettingsPage
        title="Connect Okta"
        crumbs={inSettings}
        lead="Keydesk reads people, groups and apps from Okta, and does there what your agents decide. It takes about ten minutes and an Okta Super Admin."
      >
        <OktaStart />
      </SettingsPage>
    )
  if (connection.state === 'draft')
    return (
      <SettingsPage title={`Connect ${connection.domain}`} crumbs={inSettings}>
        <OktaWizard connection={connection} />
      </SettingsPage>
    )
  return (
    <SettingsPage title={`Okta: ${connection.domain}`} crumbs={inSettings}>
      <OktaConnected connection={connection} />
    </SettingsPage>
  )
}
