/**
 * Reading ahead. Nearly every call of an identity provider asks for one user, by id or by name. That reading
 * begins while the caller is still being recognised, so that both are one wait; what comes of it is thrown
 * away unless the caller turns out to be of the workspace that was read.
 */
import type { Filter } from '@keydesk/scim'
import {
  comparisonKey,
  findVisibleByExternalId,
  findVisibleById,
  findVisibleByUserName,
  type VisibleMember,
} from '#accounts'
import type { Context, Platform } from '#platform'

type Load = typeof findVisibleById

/** A user, or those of an external id, that a reading asks for. */
export interface Wanted {
  load: Load
  key: string
}

/** What is being read already. */
export interface Foreseen extends Wanted {
  tenantId: string
  rows: Promise<VisibleMember[]>
}

interface Asked {
  method: string
  authorization: string | undefined
  segments: readonly string[] | undefined
  query: { readonly [name: string]: unknown }
}

/** Begins to read what a request will want; nothing for one whose wish takes more than a look to tell. */
export function foresee(platform: Platform, asked: Asked): Foreseen | undefined {
  // Only a claim: whether it is true is being found out.
  const tenant = /^(?:Bearer +)?kd_[a-z]+_([0-9a-z]{26})_/i.exec(asked.authorization ?? '')?.[1]
  const wanted = tenant === undefined ? undefined : wantedBy(asked)
  if (!wanted) return undefined
  const tenantId = `wsp_${tenant}`
  const rows = wanted.load({ platform, tenantId }, wanted.key)
  // Who is refused never looks at it, and a rejection that nobody looks at would end the process.
  rows.catch(() => undefined)
  return { ...wanted, tenantId, rows }
}

function wantedBy({ method, segments, query }: Asked): Wanted | undefined {
  if (method !== 'GET' || segments?.[0] !== 'Users') return undefined
  const [, id, ...more] = segments
  if (id !== undefined) return more.length === 0 ? { load: findVisibleById, key: id } : undefined
  const { filter } = query
  const name = typeof filter === 'string' ? /^userName eq "([^"\\]{1,254})"$/i.exec(filter)?.[1] : undefined
  return name === undefined ? undefined : { load: findVisibleByUserName, key: comparisonKey(name) }
}

/** What a plain filter wants, when that can be looked up by a key. */
export function wantedByFilter(filter: Filter): Wanted | undefined {
  if (filter.kind !== 'compare' || filter.op !== 'eq' || typeof filter.value !== 'string') return undefined
  if (filter.path.schema !== undefined || filter.path.sub !== undefined) return undefined
  const { value } = filter
  switch (filter.path.attr) {
    case 'userName':
      return { load: findVisibleByUserName, key: comparisonKey(value) }
    case 'externalId':
      return { load: findVisibleByExternalId, key: value }
    case 'id':
      return { load: findVisibleById, key: value }
    default:
      return undefined
  }
}

/** Reads what is wanted: what was foreseen, if it is that. */
export function read(
  ctx: Context,
  foreseen: Foreseen | undefined,
  { load, key }: Wanted,
): Promise<VisibleMember[]> {
  const isThat = foreseen?.tenantId === ctx.tenantId && foreseen.load === load && foreseen.key === key
  return isThat ? foreseen.rows : load(ctx, key)
}
