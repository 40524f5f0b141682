import { List, Stack } from '@mantine/core'
import { Clicks } from '../settings/Clicks.tsx'
import { secretField } from './credential-fields.ts'
import { FormFields } from './FormFields.tsx'
import { OktaLastSteps, TestAndSave } from './OktaLastSteps.tsx'
import { Part } from './Part.tsx'
import type { StepsProps } from './ProviderSteps.tsx'

/** In an app of Okta's catalogue, which has fewer fields and the default role on each assignment. */
export function OktaCatalogueSteps({ connection, secret }: StepsProps) {
  return (
    <Stack gap="lg">
      <Part title="Applications → Browse App Catalog">
        <Clicks>
          <List.Item>
            Search for <b>Keydesk</b>, choose <b>Add Integration</b>, then <b>Done</b>.
          </List.Item>
          <List.Item>
            Your catalogue does not have it? Take <b>SCIM 2.0 Test App (Header Auth)</b>, which every
            catalogue has and which sends the same calls, or go back and choose your own SAML app.
          </List.Item>
        </Clicks>
      </Part>
      <Part title="Tab Provisioning → Configure API Integration">
        <FormFields
          label="API integration in Okta"
          fields={[
            { label: 'Enable API integration', value: 'Ticked' },
            { label: 'Base URL', copy: connection.baseUrl },
            secretField('API Token', secret, 'token'),
            { label: 'Import Groups', value: 'Ticked', hint: 'So that groups can be linked to roles.' },
          ]}
        />
        <TestAndSave button="Test API Credentials" />
      </Part>
      <OktaLastSteps withDefaultRole />
    </Stack>
  )
}
