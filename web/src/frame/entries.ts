/** The entries of the navigation, and who sees which. */
import type { Session } from '@keydesk/server/contract/accounts'
import {
  IconApps,
  IconHome,
  IconInbox,
  IconLifebuoy,
  IconListDetails,
  IconSettings,
  IconUsers,
  IconUsersGroup,
} from '@tabler/icons-react'
import { paths } from '../paths.ts'
import { viewOf } from './view.ts'

export interface Entry {
  label: string
  to: string
  icon: typeof IconInbox
  /** The second key after `g`. */
  key: string
  /** Shows how many approvals wait. */
  counted?: boolean
}

const home: Entry = { label: 'Home', to: paths.home(), icon: IconHome, key: 'h' }
const myRequests: Entry = { label: 'My requests', to: paths.myRequests(), icon: IconLifebuoy, key: 'm' }
const waiting: Entry = {
  label: 'Waiting for me',
  to: paths.inbox(),
  icon: IconInbox,
  key: 'i',
  counted: true,
}

const inbox: Entry = { label: 'Inbox', to: paths.inbox(), icon: IconInbox, key: 'i', counted: true }
const requests: Entry = { label: 'Requests', to: paths.requests(), icon: IconListDetails, key: 'r' }
const people: Entry = { label: 'People', to: paths.people(), icon: IconUsers, key: 'p' }
const groups: Entry = { label: 'Groups', to: paths.groups(), icon: IconUsersGroup, key: 'g' }
const apps: Entry = { label: 'Apps', to: paths.apps(), icon: IconApps, key: 'a' }

export const settings: Entry = { label: 'Settings', to: paths.settings(), icon: IconSettings, key: 's' }

export function entriesFor(session: Session): readonly Entry[] {
  if (viewOf(session) === 'portal') return [home, myRequests, waiting]

  const may = (permission: Session['permissions'][number]) => session.permissions.includes(permission)
  return [
    inbox,
    ...(may('requests.read') ? [requests] : []),
    ...(may('people.read') ? [people, groups, apps] : []),
  ]
}

/** Settings are for members; a requester's own sit in the menu of their name. */
export function hasSettings(session: Session) {
  return viewOf(session) === 'console'
}

/** Whether the entry is where one is: its page, or one below it. */
export function isHere(entry: Entry, pathname: string) {
  return entry.to === '/' ? pathname === '/' || pathname.startsWith('/ask/') : pathname.startsWith(entry.to)
}
