import { List, Stack } from '@mantine/core'
import { Clicks } from '../settings/Clicks.tsx'
import { FormFields } from './FormFields.tsx'
import { OktaLastSteps, TestAndSave } from './OktaLastSteps.tsx'
import { useOauth } from './oauth-places.ts'
import { oktaCredentialFields } from './okta-fields.ts'
import { Part } from './Part.tsx'
import type { StepsProps } from './ProviderSteps.tsx'

/** In an app made with Okta's App Integration Wizard. */
export function OktaWizardSteps({ connection, authentication, secret }: StepsProps) {
  const places = useOauth(connection.id, authentication === 'oauth').data?.endpoints
  return (
    <Stack gap="lg">
      <Part title="Applications → Create App Integration">
        <Clicks>
          <List.Item>
            Choose <b>SAML 2.0</b> or <b>SWA</b>, name the app <b>Keydesk</b> and finish the wizard. Have one
            already? Open it. OpenID Connect apps cannot provision.
          </List.Item>
          <List.Item>
            Tab <b>General</b>, <b>App Settings</b>, <b>Edit</b>: set <b>Provisioning</b> to <b>SCIM</b>, then{' '}
            <b>Save</b>. Not offered? Okta’s support has to switch provisioning on for your org.
          </List.Item>
          <List.Item>
            Keep <b>Federation Broker Mode</b> off: with it Okta assigns nobody, so it provisions nobody.
          </List.Item>
        </Clicks>
      </Part>
      <Part title="Tab Provisioning → Integration → Edit">
        <FormFields
          label="SCIM connection in Okta"
          fields={[
            { label: 'SCIM connector base URL', copy: connection.baseUrl },
            { label: 'Unique identifier field for users', copy: 'userName' },
            {
              label: 'Supported provisioning actions',
              value:
                'Import New Users and Profile Updates, Push New Users, Push Profile Updates, Push Groups, Import Groups',
              hint: 'With the imports Okta sees the roles there are, and you can link groups to them.',
            },
            ...oktaCredentialFields(authentication, secret, places),
          ]}
        />
        <TestAndSave button="Test Connector Configuration" />
      </Part>
      <OktaLastSteps>
        <List.Item>
          Leave <b>Sync Password</b> off: Keydesk keeps no password of Okta’s.
        </List.Item>
      </OktaLastSteps>
    </Stack>
  )
}
