/**
 * Shadow workspaces: copies on which a SCIM connection is tried out. Nothing leaves them, no mail, no job
 * and no hint; and they are known by their id, so that nobody has to ask the database.
 */
import { newId } from './ids.ts'

const PREFIX = 'wsp_shadow_'

export function newShadowId(): string {
  return `${PREFIX}${newId('wsp').slice('wsp_'.length)}`
}

export function isShadow(tenantId: string): boolean {
  return tenantId.startsWith(PREFIX)
}
