import { OKTA_SCOPES, type OktaConnection } from '@keydesk/server/contract/okta'
import { Anchor, List, Stack, Text } from '@mantine/core'
import { CopyText } from '../ui/index.ts'
import { Clicks } from './Clicks.tsx'
import { OktaCredentials } from './OktaCredentials.tsx'
import { adminConsole } from './okta-domain.ts'
import { PublicKey } from './PublicKey.tsx'
import { Step } from './Step.tsx'

/** What a Super Admin clicks in Okta to let Keydesk in as an app of its own. */
export function OktaServiceAppSteps({ connection }: { connection: OktaConnection }) {
  return (
    <Stack gap="xl">
      <Step number={1} title="Create the app in Okta">
        <Clicks>
          <List.Item>
            <OpenAdminConsole domain={connection.domain} /> as a Super Admin.
          </List.Item>
          <List.Item>
            Choose <b>Applications → Applications</b>, then <b>Create App Integration</b>.
          </List.Item>
          <List.Item>
            Choose <b>API Services</b>, then <b>Next</b>. Name it <b>Keydesk</b> and choose <b>Save</b>.
          </List.Item>
        </Clicks>
      </Step>
      <Step number={2} title="Give it Keydesk’s public key">
        <Clicks>
          <List.Item>
            On the tab <b>General</b>, beside <b>Client Credentials</b>, choose <b>Edit</b>.
          </List.Item>
          <List.Item>
            Set <b>Client authentication</b> to <b>Public key / Private key</b>, and keep{' '}
            <b>Save keys in Okta</b>.
          </List.Item>
          <List.Item>
            Choose <b>Add key</b>, paste the key below, and choose <b>Done</b>.
          </List.Item>
          <List.Item>
            Choose <b>Save</b> as well: Okta forgets the key if only Done was chosen.
          </List.Item>
        </Clicks>
        {connection.publicJwk && <PublicKey jwk={connection.publicJwk} />}
      </Step>
      <Step number={3} title="Grant the scopes">
        <Text size="sm">
          On the tab <b>Okta API Scopes</b>, choose <b>Grant</b> beside each of these:
        </Text>
        <Stack component="ul" gap="xs" p={0} m={0} style={{ listStyle: 'none' }}>
          {Object.entries(OKTA_SCOPES).map(([scope, why]) => (
            <li key={scope}>
              <CopyText value={scope} mono />
              <p className="kd-hint">{why}</p>
            </li>
          ))}
        </Stack>
      </Step>
      <Step number={4} title="Give it an admin role">
        <Text size="sm">
          On the tab <b>Admin roles</b>, choose <b>Edit assignments</b>. <b>Super Administrator</b> lets
          Keydesk do everything in its catalogue. A narrower mix is Group Administrator, Application
          Administrator and Read-only Administrator; what it does not allow, Okta refuses and Keydesk tells.
        </Text>
        <Text size="sm" c="dimmed">
          Without a role Okta does not refuse: it answers with empty lists. Keydesk checks for that.
        </Text>
      </Step>
      <Step number={5} title="Bring the client ID back" done={connection.clientId !== null}>
        <OktaCredentials connection={connection} />
      </Step>
    </Stack>
  )
}

export function OpenAdminConsole({ domain }: { domain: string }) {
  const to = adminConsole(domain)
  if (!to) return <>Open Okta’s admin console</>
  return (
    <Anchor href={to} target="_blank" rel="noreferrer" size="sm" underline="always">
      Open Okta’s admin console
    </Anchor>
  )
}
