import { Stack } from '@mantine/core'
import { useSuspenseQuery } from '@tanstack/react-query'
import { api } from '../api/index.ts'
import { CopyText, Section, SettingsPage } from '../ui/index.ts'
import { CreateScimConnection } from './CreateScimConnection.tsx'
import { inSettings } from './crumbs.ts'
import { ScimSteps } from './ScimSteps.tsx'
import { ServiceUserCard } from './ServiceUserCard.tsx'

const serviceUsers = api.accounts.listServiceUsers.queryOptions()

/** Inbound SCIM: Okta pushes who may work in the desk, and which groups give which roles. */
export function ProvisioningPage() {
  const { items, scimBaseUrl } = useSuspenseQuery(serviceUsers).data
  const connections = items.filter(({ kind }) => kind === 'scim')

  return (
    <SettingsPage
      title="Provisioning"
      crumbs={inSettings}
      lead="Let Okta create, change and lock out the desk's admins and agents over SCIM. Only they: employees come in with the directory."
    >
      <Section title="Base URL" hint="Okta asks for it as “SCIM connector base URL”.">
        <CopyText value={scimBaseUrl} mono />
      </Section>
      {connections.length > 0 && (
        <Section title="Connections" hint="Who may push, with which tokens, and what people get by default.">
          <Stack gap="md">
            {connections.map((connection) => (
              <ServiceUserCard key={connection.id} serviceUser={connection} />
            ))}
          </Stack>
        </Section>
      )}
      <CreateScimConnection isFirst={connections.length === 0} />
      <ScimSteps baseUrl={scimBaseUrl} />
    </SettingsPage>
  )
}
