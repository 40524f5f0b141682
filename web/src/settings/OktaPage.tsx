import { useSuspenseQuery } from '@tanstack/react-query'
import { api } from '../api/index.ts'
import { SettingsPage } from '../ui/index.ts'
import { inSettings } from './crumbs.ts'
import { OktaConnected } from './OktaConnected.tsx'
import { OktaStart } from './OktaStart.tsx'
import { OktaWizard } from './OktaWizard.tsx'

const connections = api.okta.listOktaConnections.queryOptions({
  // The live feed tells of phases; the bar between them moves by asking.
  refetchInterval: ({ state }) =>
    state.data?.items.some(({ lastImport }) => lastImport?.state === 'running') ? 1500 : false,
})

/** From nothing connected to people imported: one page that is always at the step the connection is at. */
export function OktaPage() {
  const [connection] = useSuspenseQuery(connections).data.items

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
