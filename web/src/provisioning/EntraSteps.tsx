import { List, Stack, Text } from '@mantine/core'
import { Clicks } from '../settings/Clicks.tsx'
import { secretField } from './credential-fields.ts'
import { FormFields } from './FormFields.tsx'
import { Part } from './Part.tsx'
import type { StepsProps } from './ProviderSteps.tsx'

/** In an enterprise application of Microsoft Entra ID. */
export function EntraSteps({ connection, secret }: StepsProps) {
  return (
    <Stack gap="lg">
      <Part title="Enterprise apps → New application">
        <Clicks>
          <List.Item>
            <b>Create your own application</b>, name it <b>Keydesk</b>, and choose{' '}
            <b>Integrate any other application you don’t find in the gallery (Non-gallery)</b>.
          </List.Item>
          <List.Item>
            Open its <b>Provisioning</b>, choose <b>New configuration</b>; where the older page appears,{' '}
            <b>Get started</b> and then the mode <b>Automatic</b>.
          </List.Item>
        </Clicks>
      </Part>
      <Part title="Admin credentials">
        <FormFields
          label="Admin credentials in Entra"
          fields={[
            {
              label: 'Tenant URL',
              copy: `${connection.baseUrl}?aadOptscim062020`,
              hint: 'The end of it makes Entra follow the SCIM standard. Keydesk understands Entra without it too.',
            },
            secretField('Secret Token', secret, 'token'),
          ]}
        />
        <Clicks>
          <List.Item>
            <b>Test Connection</b>. The light on this page turns green: Entra looks for somebody who does not
            exist, and is told so.
          </List.Item>
          <List.Item>
            <b>Create</b>, or <b>Save</b> on the older page.
          </List.Item>
        </Clicks>
      </Part>
      <Part title="Attribute mapping → Provision Microsoft Entra ID Users">
        <Text size="sm">Keep what is there, and check these:</Text>
        <FormFields
          label="Mappings of users"
          fields={[
            {
              label: 'userPrincipalName',
              value: (
                <>
                  → <code>userName</code>, matching precedence 1
                </>
              ),
            },
            {
              label: 'Switch([IsSoftDeleted], …)',
              value: (
                <>
                  → <code>active</code>
                </>
              ),
              hint: 'It locks people out when they are disabled or unassigned.',
            },
            {
              label: 'objectId',
              value: (
                <>
                  → <code>externalId</code>
                </>
              ),
              hint: 'Entra proposes mailNickname, which can change and be given to somebody else.',
            },
            {
              label: 'mail',
              value: (
                <>
                  → <code>emails[type eq "work"].value</code>
                </>
              ),
            },
            {
              label: 'jobTitle',
              value: (
                <>
                  → <code>title</code>
                </>
              ),
            },
          ]}
        />
      </Part>
      <Part title="Users and groups, then start">
        <Clicks>
          <List.Item>
            Under <b>Users and groups</b>, add the admins and agents, or groups of them. Groups are pushed as
            roles; nested groups are not followed by Entra.
          </List.Item>
          <List.Item>
            Under <b>Provisioning → Settings</b>, keep the scope <b>Sync only assigned users and groups</b>.
          </List.Item>
          <List.Item>
            <b>Provision on demand</b> with one person, and see them arrive here. Then{' '}
            <b>Start provisioning</b>. Entra works in rounds of about 40 minutes.
          </List.Item>
        </Clicks>
      </Part>
    </Stack>
  )
}
