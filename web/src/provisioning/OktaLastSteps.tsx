import { List } from '@mantine/core'
import type { ReactNode } from 'react'
import { Clicks } from '../settings/Clicks.tsx'
import { Part } from './Part.tsx'
import { PushGroups } from './PushGroups.tsx'

/** What follows the fields of a connection: `button` is what Okta calls the test. */
export function TestAndSave({ button }: { button: string }) {
  return (
    <Clicks>
      <List.Item>
        <b>{button}</b>. The light on this page turns green.
      </List.Item>
      <List.Item>
        <b>Save</b>.
      </List.Item>
    </Clicks>
  )
}

/** What is the same in every app of Okta's once it is connected. `children` are further clicks on "To App". */
export function OktaLastSteps({
  withDefaultRole = false,
  children,
}: {
  withDefaultRole?: boolean
  children?: ReactNode
}) {
  return (
    <>
      <Part title="Tab Provisioning → To App → Edit">
        <Clicks>
          <List.Item>
            Enable <b>Create Users</b>, <b>Update User Attributes</b> and <b>Deactivate Users</b>, then{' '}
            <b>Save</b>.
          </List.Item>
          {children}
        </Clicks>
      </Part>
      <PushGroups withDefaultRole={withDefaultRole} />
    </>
  )
}
