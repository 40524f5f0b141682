/**
 * What a server can do, as far as the checks saw: what a client needs to know before it writes to it.
 * Every finding names the checks that it rests on.
 */
import type { Json } from '@keydesk/scim'
import type { CheckResult, Status } from './check.ts'
import { FILTER_IDS } from './checks/filters.ts'
import { BATCHES } from './checks/groups.ts'

/** `null` when nothing was seen that tells: the checks were left out or skipped. */
export interface Finding<T> {
  value: T | null
  /** Ids of the checks; their exchanges are the evidence. */
  evidence: string[]
}

export interface CapabilityProfile {
  /** How accounts can be changed. */
  userUpdate: Finding<'put' | 'patch' | 'both' | 'none'>
  groupUpdate: Finding<'put' | 'patch' | 'both' | 'none'>
  /** How one PATCH takes members out. `path` is `members[value eq "…"]`, `value` a list in the operation. */
  memberRemoval: Finding<('path' | 'value')[]>
  membersInGet: Finding<boolean>
  /** The largest of 1, 10 and 100 members that one PATCH took. */
  memberBatch: Finding<number>
  refusesUnknownMembers: Finding<boolean>
  /** Operators and forms of filters that worked, such as `eq`, `co`, `value-path`. */
  filters: Finding<string[]>
  filterByUserName: Finding<boolean>
  filterByExternalId: Finding<boolean>
  filterByMember: Finding<boolean>
  caseInsensitiveUserName: Finding<boolean>
  indexPaging: Finding<boolean>
  cursorPaging: Finding<boolean>
  /** The longest page that was seen: a number where the server cut it, `{ atLeast }` where there were no more. */
  maxPageSize: Finding<Json>
  sort: Finding<boolean>
  search: Finding<boolean>
  etag: Finding<boolean>
  bulk: Finding<boolean>
  me: Finding<boolean>
  enterprise: Finding<boolean>
  /** `active: false` keeps the account, and it can be switched on again. */
  softDelete: Finding<boolean>
  hardDelete: Finding<boolean>
  uniqueGroupNames: Finding<boolean>
  /** Whether PUT clears what it leaves out. */
  putClearsOmitted: Finding<boolean>
  rawToken: Finding<boolean>
  /** Median of three lookups, in milliseconds. */
  lookupMs: Finding<number>
}

export function profileOf(
  results: readonly CheckResult[],
  notes: ReadonlyMap<string, Json>,
): CapabilityProfile {
  const statuses = new Map<string, Status>(
    // A SHOULD that fails is only a warning, and yet it does not work. Elsewhere what is warned of works.
    results.map(({ id, status, requirement }) => [
      id,
      status !== 'warn' ? status : requirement === 'SHOULD' || requirement === 'MAY' ? 'fail' : 'pass',
    ]),
  )
  const works = (id: string) => statuses.get(id) === 'pass'
  const isTold = (id: string) => works(id) || statuses.get(id) === 'fail'

  const all = (...ids: string[]): Finding<boolean> => ({
    value: ids.some((id) => statuses.get(id) === 'fail') ? false : ids.some(isTold) ? true : null,
    evidence: ids.filter(isTold),
  })
  /** Not advertised is an answer, too. */
  const offered = (...ids: string[]): Finding<boolean> => {
    const isRefused = results.some(({ id, message }) => ids.includes(id) && message?.startsWith('not '))
    return isRefused ? { value: false, evidence: ids.filter((id) => statuses.has(id)) } : all(...ids)
  }
  const either = (put: string, patch: string): CapabilityProfile['userUpdate'] => {
    const evidence = [put, patch].filter((id) => statuses.has(id))
    if (!isTold(put) && !isTold(patch)) return { value: null, evidence: [] }
    if (works(put) && works(patch)) return { value: 'both', evidence }
    return { value: works(put) ? 'put' : works(patch) ? 'patch' : 'none', evidence }
  }
  const list = <T extends string>(named: readonly (readonly [T, string])[]): Finding<T[]> => {
    const told = named.filter(([, id]) => isTold(id))
    const value = told.length > 0 ? told.filter(([, id]) => works(id)).map(([name]) => name) : null
    return { value, evidence: told.map(([, id]) => id) }
  }
  const noted = <T extends Json>(key: string, id: string): Finding<T> => ({
    value: (notes.get(key) as T | undefined) ?? null,
    evidence: notes.has(key) ? [id] : [],
  })
  const batches = BATCHES.map((size) => [String(size), `groups.batch-${size}`] as const)
  const batch = list(batches)

  return {
    userUpdate: either('replacing.user', 'patching.replace-displayname'),
    groupUpdate: either('groups.put-members', 'groups.patch-add'),
    memberRemoval: list([
      ['path', 'groups.remove-by-path'],
      ['value', 'groups.remove-by-value'],
    ]),
    membersInGet: all('groups.members-in-get'),
    memberBatch: { value: batch.value && Math.max(0, ...batch.value.map(Number)), evidence: batch.evidence },
    refusesUnknownMembers: noted('refusesUnknownMembers', 'groups.patch-add-unknown'),
    filters: list(FILTER_IDS.map((id) => [id.slice('filters.'.length), id])),
    filterByUserName: all('filters.eq'),
    filterByExternalId: all('filters.external-id'),
    filterByMember: all('groups.find-by-member'),
    caseInsensitiveUserName: all('filters.user-name-case'),
    indexPaging: all('paging.count', 'paging.every-one-once'),
    cursorPaging: offered('paging.cursor-walk'),
    maxPageSize: noted('maxPageSize', 'paging.big-count'),
    sort: offered('sorting.ascending', 'sorting.descending'),
    search: offered('search.users'),
    etag: offered('versions.etag', 'versions.put-stale'),
    bulk: offered('bulk.create', 'bulk.change'),
    me: offered('me.location'),
    enterprise: offered('creating.enterprise'),
    softDelete: all('okta-aiw.deactivate'),
    hardDelete: all('deleting.status', 'deleting.then-get'),
    uniqueGroupNames: noted('uniqueGroupNames', 'groups.duplicate-name'),
    putClearsOmitted: noted('putClearsOmitted', 'replacing.omitted'),
    rawToken: noted('rawToken', 'okta-aiw.raw-token'),
    lookupMs: noted('lookupMs', 'reading.fast'),
  }
}
