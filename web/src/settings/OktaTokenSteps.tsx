import type { OktaConnection } from '@keydesk/server/contract/okta'
import { List, Stack, Text } from '@mantine/core'
import { Clicks } from './Clicks.tsx'
import { OktaCredentials } from './OktaCredentials.tsx'
import { OpenAdminConsole } from './OktaServiceAppSteps.tsx'
import { Step } from './Step.tsx'

/** The way with an admin's token. */
export function OktaTokenSteps({ connection }: { connection: OktaConnection }) {
  return (
    <Stack gap="xl">
      <Step number={1} title="Create a token in Okta">
        <Clicks>
          <List.Item>
            <OpenAdminConsole domain={connection.domain} />, signed in as the admin whose rights Keydesk shall
            have.
          </List.Item>
          <List.Item>
            Choose <b>Security → API</b>, the tab <b>Tokens</b>, then <b>Create token</b>.
          </List.Item>
          <List.Item>
            Name it <b>Keydesk</b> and copy the value. Okta shows it once.
          </List.Item>
        </Clicks>
        <Text size="sm" c="dimmed">
          An account of its own is better than a colleague’s: the token ends when the account does.
        </Text>
      </Step>
      <Step number={2} title="Bring the token here" done={connection.tokenHint !== null}>
        <OktaCredentials connection={connection} />
      </Step>
    </Stack>
  )
}
