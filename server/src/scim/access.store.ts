import type { Tx } from '#platform'
import { ScimSettings } from '../accounts/contract.ts'

export interface Provenance {
  scim: unknown
  defaultRoleId: string | null
  connection: {
    id: string
    name: string
    severalGroups: ScimSettings['severalGroups']
    defaultRoleId: string | null
  } | null
}

/** What a provider said of a member, and by which connection; also one that was removed since. */
export async function findProvenance(tx: Tx, memberId: string): Promise<Provenance | undefined> {
  const row = await tx.db
    .selectFrom('members')
    .leftJoin('serviceUsers', 'serviceUsers.id', 'members.serviceUserId')
    .select([
      'members.scim',
      'members.defaultRoleId',
      'serviceUsers.id as connectionId',
      'serviceUsers.name',
      'serviceUsers.scim as settings',
      'serviceUsers.defaultRoleId as connectionDefault',
    ])
    .where('members.id', '=', memberId)
    .executeTakeFirst()
  if (!row) return undefined
  const { connectionId, name } = row
  return {
    scim: row.scim,
    defaultRoleId: row.defaultRoleId,
    connection:
      connectionId === null || name === null
        ? null
        : {
            id: connectionId,
            name,
            severalGroups: ScimSettings.parse(row.settings ?? {}).severalGroups,
            defaultRoleId: row.connectionDefault,
          },
  }
}
