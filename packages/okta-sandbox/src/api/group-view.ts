import { type Group, membersOf } from '../org.ts'
import type { Call } from '../world.ts'

/** A group as Okta prints it. */
export function viewGroup(call: Call, group: Group) {
  const self = `${call.base}/api/v1/groups/${group.id}`
  const logo = (name: string) => ({
    name,
    href: `${call.base}/assets/${group.type.toLowerCase()}-${name}.png`,
    type: 'image/png',
  })
  return {
    id: group.id,
    created: group.created,
    lastUpdated: group.lastUpdated,
    lastMembershipUpdated: group.lastMembershipUpdated,
    objectClass: [group.type === 'APP_GROUP' ? 'okta:windows_security_principal' : 'okta:user_group'],
    type: group.type,
    profile: { name: group.name, description: group.description },
    _links: {
      logo: [logo('medium'), logo('large')],
      users: { href: `${self}/users` },
      apps: { href: `${self}/apps` },
      ...(group.source !== null && { source: { href: `${call.base}/api/v1/apps/${group.source}` } }),
    },
    ...(call.query.get('expand')?.includes('stats') && { _embedded: { stats: statsOf(call, group) } }),
  }
}

function statsOf(call: Call, group: Group) {
  let appsCount = 0
  for (const granted of call.org.appGroups.values()) if (granted.has(group.id)) appsCount += 1
  const usersCount = membersOf(call.org, group).length
  return { usersCount, appsCount, groupPushMappingsCount: 0, hasAdminPrivlege: false }
}
