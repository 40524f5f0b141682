/** What the provisioner knows of the other side: which account and which group is whose. */
import type { Org } from '../org.ts'

export type Link = {
  userId: string
  /** The id the app gave; null until a create or a link succeeded. */
  externalId: string | null
  active: boolean
  error: string | null
  lastSync: string | null
}

export function linkOf(org: Org, userId: string): Link | undefined {
  return org.provisioning.get(`link/${userId}`) as Link | undefined
}
