import { List, Stack, Text } from '@mantine/core'
import { CopyText, Section } from '../ui/index.ts'
import { Clicks } from './Clicks.tsx'
import { Step } from './Step.tsx'

/** What an Okta admin clicks, in an app made with the App Integration Wizard. */
export function ScimSteps({ baseUrl }: { baseUrl: string }) {
  return (
    <Section
      title="Set it up in Okta"
      hint="About ten minutes, with an app that signs people in by SAML or SWA."
    >
      <Stack gap="xl">
        <Step number={1} title="Have an app for Keydesk">
          <Clicks>
            <List.Item>
              In Okta’s admin console choose <b>Applications → Applications → Create App Integration</b>, then{' '}
              <b>SAML 2.0</b> or <b>SWA</b>. OpenID Connect apps of the wizard cannot provision.
            </List.Item>
            <List.Item>
              On its tab <b>General</b>, choose <b>Edit</b> at App Settings, set <b>Provisioning</b> to{' '}
              <b>SCIM</b> and <b>Save</b>. If SCIM is not offered, Okta’s support has to switch provisioning
              on for your org.
            </List.Item>
            <List.Item>
              Keep <b>Federation Broker Mode</b> off: with it Okta assigns nobody, so it pushes nobody.
            </List.Item>
          </Clicks>
        </Step>
        <Step number={2} title="Tell it where Keydesk is">
          <Clicks>
            <List.Item>
              Open the tab <b>Provisioning</b>, then <b>Integration</b>, and choose <b>Edit</b>.
            </List.Item>
            <List.Item>
              <b>SCIM connector base URL</b>: <CopyText value={baseUrl} mono />
            </List.Item>
            <List.Item>
              <b>Unique identifier field for users</b>: <CopyText value="userName" mono />
            </List.Item>
            <List.Item>
              Tick <b>Push New Users</b>, <b>Push Profile Updates</b> and <b>Push Groups</b>. Tick{' '}
              <b>Import New Users and Profile Updates</b> as well, so that Okta can see Keydesk’s roles.
            </List.Item>
            <List.Item>
              <b>Authentication Mode</b>: HTTP Header. Paste the token from the connection above as{' '}
              <b>Authorization</b>.
            </List.Item>
            <List.Item>
              Choose <b>Test Connector Configuration</b>, then <b>Save</b>.
            </List.Item>
          </Clicks>
        </Step>
        <Step number={3} title="Switch the pushes on">
          <Clicks>
            <List.Item>
              On <b>Provisioning → To App</b>, choose <b>Edit</b> and enable <b>Create Users</b>,{' '}
              <b>Update User Attributes</b> and <b>Deactivate Users</b>. Save.
            </List.Item>
            <List.Item>
              Check that user name, e-mail, given name and family name are mapped; title and language come
              along.
            </List.Item>
          </Clicks>
          <Text size="sm" c="dimmed">
            Okta’s wizard apps update people with whole records (PUT), those of the catalogue with changes
            (PATCH). Keydesk takes both.
          </Text>
        </Step>
        <Step number={4} title="Choose who comes in">
          <Clicks>
            <List.Item>
              On <b>Assignments</b>, assign the admins and agents, or a group of them. Leave employees out:
              they need no account to ask for something.
            </List.Item>
            <List.Item>
              On <b>Push Groups</b>, choose <b>Refresh App Groups</b>, then <b>Find groups by name</b>. Link a
              group to one of Keydesk’s roles, or let Okta create a role with the group’s name.
            </List.Item>
            <List.Item>
              They appear under Members within seconds, each role with the group it comes from.
            </List.Item>
          </Clicks>
        </Step>
      </Stack>
    </Section>
  )
}
