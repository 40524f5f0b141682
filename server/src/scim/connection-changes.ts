/** What was changed on a connection, in words: the event log says more than "settings changed". */
import { findClientProfile } from '@keydesk/scim'
import type { ScimSettings } from '../accounts/contract.ts'

interface Chosen {
  name: string
  defaultRoleId: string | null
  settings: ScimSettings
}

type RoleName = (id: string) => string

/** One line for each thing that is different; none when nothing is. */
export function describeChanges(before: Chosen, after: Chosen, roleName: RoleName): string[] {
  const lines: string[] = []
  for (const [what, show] of Object.entries(SHOWN(roleName))) {
    const [was, is] = [show(before), show(after)]
    if (was !== is) lines.push(`${what} from ${was} to ${is}`)
  }
  return lines
}

const SHOWN = (roleName: RoleName): Record<string, (chosen: Chosen) => string> => ({
  name: ({ name }) => name,
  'default role': ({ defaultRoleId }) =>
    defaultRoleId ? roleName(defaultRoleId) : 'the most restrictive one',
  client: ({ settings: { client } }) =>
    client === 'auto' ? 'found by its traffic' : (findClientProfile(client)?.name ?? client),
  'tokens without the word Bearer': ({ settings }) => (settings.bareToken ? 'taken' : 'refused'),
  'networks that may call': ({ settings: { allowedNetworks } }) => allowedNetworks.join(', ') || 'all',
  'calls per minute': ({ settings: { requestsPerMinute } }) =>
    requestsPerMinute === null ? 'no limit' : String(requestsPerMinute),
  'roles of somebody in several groups': ({ settings }) =>
    ({ union: 'all of them', highest: 'the highest', first: 'the first' })[settings.severalGroups],
  'roles it may give': ({ settings: { roleIds } }) =>
    roleIds === null ? 'all but Owner' : [...roleIds].map(roleName).sort().join(', ') || 'none',
  'group members who are no users here': ({ settings }) =>
    ({ refuse: 'refused', skip: 'skipped' })[settings.unknownMembers],
  'attributes that no schema has': ({ settings }) => (settings.strict ? 'refused' : 'ignored'),
  'the safety brake': ({ settings: { brake } }) =>
    `${brake.people} people or ${Math.round(brake.share * 100)} % in ${brake.minutes} min`,
})
