/** Versions of resources as ETags (RFC 7644 §3.14). They are weak: the same resource can be shown in parts. */
import { preconditionFailed } from '@keydesk/scim'

export function etagOf(version: number): string {
  return `W/"${version}"`
}

/** Refuses a change when `If-Match` names another version than the present one. */
export function requireMatch(ifMatch: string | undefined, version: number): void {
  if (ifMatch !== undefined && !names(ifMatch, version)) throw preconditionFailed()
}

/** Whether the client has this version already. */
export function isKnown(ifNoneMatch: string | undefined, version: number): boolean {
  return ifNoneMatch !== undefined && names(ifNoneMatch, version)
}

function names(header: string, version: number): boolean {
  if (header.trim() === '*') return true
  const tags = header.split(',').map((tag) => tag.trim().replace(/^W\//, ''))
  return tags.includes(`"${version}"`)
}
