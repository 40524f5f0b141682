import { List, Stack, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { Clicks } from '../settings/Clicks.tsx'
import type { Authentication } from './credential.ts'
import { nameField, secretField } from './credential-fields.ts'
import { type FormField, FormFields } from './FormFields.tsx'
import { type OauthPlaces, useOauth } from './oauth-places.ts'
import { Part } from './Part.tsx'
import type { StepsProps } from './ProviderSteps.tsx'

const WORDS: Record<string, { where: string; notes: ReactNode[] }> = {
  onelogin: {
    where: 'Your app → Configuration',
    notes: [
      <>
        The field for the URL is <b>SCIM Base URL</b>, the one for the token <b>SCIM Bearer Token</b>. Choose{' '}
        <b>Enable</b> at API Connection afterwards.
      </>,
      <>
        The <b>SCIM JSON Template</b> decides what is sent. Values in quotes arrive as text; Keydesk
        understands <code>"active":"true"</code> all the same.
      </>,
      <>
        On <b>Provisioning</b>, tick <b>Enable provisioning</b> and set what happens when somebody is deleted
        to <b>Suspend</b>.
      </>,
    ],
  },
  jumpcloud: {
    where: 'Your app → Identity Management',
    notes: [
      <>
        Choose <b>SCIM API</b>, version <b>SCIM 2.0</b>, then <b>Test Connection</b> and <b>Activate</b>.
      </>,
      <>
        On activation JumpCloud creates a user and a group for a test and deletes them again. Both appear in
        the log of calls.
      </>,
    ],
  },
  ping: {
    where: 'Integrations → Provisioning → New connection',
    notes: [
      <>
        The <b>Users Resource</b> is <code>/Users</code>, the <b>Groups Resource</b> <code>/Groups</code>, the
        version 2.0. Keep the filter <code>userName Eq "%s"</code>.
      </>,
      <>
        As <b>Remove Action</b> take <b>Disable</b>: the person keeps their id and history.
      </>,
    ],
  },
  google: {
    where: 'Apps → Web and mobile apps → your SAML app → Auto-provisioning',
    notes: [
      <>
        Auto-provisioning is offered for apps of Google’s catalogue. Google pushes people and no groups, so
        everybody gets the default role.
      </>,
      <>
        Under <b>Deprovisioning</b>, choose to suspend at once when somebody is suspended or loses the app.
      </>,
    ],
  },
}

/** For every other provider: the facts, and what is special about those that are known. */
export function OtherSteps({ connection, provider, authentication, secret }: StepsProps) {
  const places = useOauth(connection.id, authentication === 'oauth').data?.endpoints
  const words = WORDS[provider.key]
  return (
    <Stack gap="lg">
      <Part title={words?.where ?? 'Where your provider asks for a SCIM server'}>
        <FormFields
          label={`SCIM connection in ${provider.vendor}`}
          fields={[
            { label: 'SCIM base URL', copy: connection.baseUrl },
            { label: 'SCIM version', value: '2.0' },
            { label: 'Unique identifier of users', copy: 'userName' },
            ...fieldsFor(authentication, secret, places),
          ]}
        />
        {words && (
          <Clicks>
            {words.notes.map((note, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the notes never change
              <List.Item key={at}>{note}</List.Item>
            ))}
          </Clicks>
        )}
        <Text size="sm">
          Choose the provider’s connection test, if it has one: the light on this page turns green. Then
          assign the admins and agents, and the groups that are to be roles.
        </Text>
      </Part>
    </Stack>
  )
}

function fieldsFor(
  authentication: Authentication,
  secret: StepsProps['secret'],
  places: OauthPlaces | undefined,
): FormField[] {
  switch (authentication) {
    case 'token':
      return [
        { label: 'Authentication', value: 'Bearer token, in the header Authorization' },
        secretField('Token', secret, 'token'),
      ]
    case 'basic':
      return [
        { label: 'Authentication', value: 'Basic' },
        nameField('User name', secret, 'basic'),
        secretField('Password', secret, 'basic'),
      ]
    case 'oauth':
      return [
        { label: 'Authentication', value: 'OAuth 2' },
        { label: 'Token URL', ...(places ? { copy: places.tokenUrl } : {}) },
        { label: 'Authorization URL', ...(places ? { copy: places.authorizeUrl } : {}) },
        nameField('Client ID', secret, 'oauth'),
        secretField('Client secret', secret, 'oauth'),
      ]
  }
}
