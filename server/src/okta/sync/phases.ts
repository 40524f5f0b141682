/**
 * The phases of an import. Each step reads one page and says how to write it; the page, the place after
 * it and the counters are then committed together, so a worker that takes over goes on from there.
 */
import {
  listSourceApps,
  listSourceGroups,
  type Source,
  saveApps,
  saveAssignments,
  saveGroupMembers,
  saveGroups,
  savePeople,
} from '#directory'
import { type Context, type Tx, transact } from '#platform'
import { OktaError } from '../client/error.ts'
import type { Okta } from '../client/okta.ts'
import type { Page } from '../client/paging.ts'
import { type Counts, type Cursor, listSeenUsers, type Phase } from './imports.store.ts'
import { appOf, groupOf, personOf } from './person.ts'

export interface Run {
  ctx: Context
  okta: Okta
  source: Source
}

/** One page, read and not yet written. */
export interface Step {
  save: (tx: Tx) => Promise<void>
  /** The place after this page; null when the phase is over. */
  cursor: Cursor | null
  /** How far the phase's own measure moves: rows of a listing, or parents read to their end. */
  done: number
  /** How many rows were read. */
  read: number
}

export type Reading = Exclude<Phase, 'finishing'>

const START: Cursor = { next: null, after: null, current: null }
const SEEN_PAGE = 1000

export const READ: Record<Reading, (run: Run, cursor: Cursor | null) => Promise<Step>> = {
  users: ({ okta, source }, cursor) =>
    flat(cursor, okta.users.page, (tx, rows) => savePeople(tx, source, unique(rows).map(personOf))),
  groups: ({ okta, source }, cursor) =>
    flat(cursor, okta.groups.page, (tx, rows) => saveGroups(tx, source, unique(rows).map(groupOf))),
  apps: ({ okta, source }, cursor) =>
    flat(cursor, okta.apps.page, (tx, rows) => saveApps(tx, source, unique(rows).map(appOf))),
  memberships: (run, cursor) =>
    nested(run, cursor, {
      parent: async (tx, after) => {
        const [group] = await listSourceGroups(tx, run.source.connectionId, after, 1)
        return group && { id: group.oktaGroupId, type: group.type }
      },
      page: (group, next) => membersOf(run, group, next),
      save: (tx, group, rows) =>
        saveGroupMembers(
          tx,
          run.source,
          group,
          unique(rows).map(({ id }) => id),
        ),
    }),
  assignments: (run, cursor) =>
    nested(run, cursor, {
      parent: async (tx, after) => {
        const [app] = await listSourceApps(tx, run.source.connectionId, after, 1)
        return app && { id: app.oktaAppId, type: 'app' }
      },
      page: (app, next) => run.okta.apps.users(app.id, next),
      save: (tx, app, rows) =>
        saveAssignments(
          tx,
          run.source,
          app,
          unique(rows).map(({ id, scope, status }) => ({ oktaUserId: id, scope, status })),
        ),
    }),
}

/** How the phases count, and which of them measure their way by parents. */
export const COUNTED: Record<Reading, keyof Counts> = {
  users: 'users',
  groups: 'groups',
  memberships: 'memberships',
  apps: 'apps',
  assignments: 'assignments',
}

async function flat<T>(
  cursor: Cursor | null,
  page: (next: string | null) => Promise<Page<T>>,
  save: (tx: Tx, rows: T[]) => Promise<void>,
): Promise<Step> {
  const { items, next } = await page(cursor?.next ?? null)
  return {
    save: (tx) => save(tx, items),
    cursor: next === null ? null : { ...START, next },
    done: items.length,
    read: items.length,
  }
}

interface Nested<T> {
  parent: (tx: Tx, after: string | null) => Promise<{ id: string; type: string } | undefined>
  page: (parent: { id: string; type: string }, next: string | null) => Promise<Page<T>>
  save: (tx: Tx, parentId: string, rows: T[]) => Promise<void>
}

/** Listings that hang on another one's rows: the members of each group, the users of each app. */
async function nested<T>(
  { ctx }: Run,
  cursor: Cursor | null,
  { parent, page, save }: Nested<T>,
): Promise<Step> {
  const at = cursor ?? START
  const current = at.current ?? (await transact(ctx, (tx) => parent(tx, at.after)))
  if (!current) return { save: async () => {}, cursor: null, done: 0, read: 0 }
  const { items, next } = await page(current, at.next).catch((error: unknown) => {
    // Deleted in Okta since: the end of the import marks it gone.
    if (error instanceof OktaError && error.status === 404) return { items: [], next: null }
    throw error
  })
  return {
    save: (tx) => save(tx, current.id, items),
    cursor: next === null ? { next: null, after: current.id, current: null } : { ...at, next, current },
    done: next === null ? 1 : 0,
    read: items.length,
  }
}

/** Everyone holds everyone, so its members are the people this import has seen, without a call for each page. */
async function membersOf(
  { ctx, okta, source }: Run,
  group: { id: string; type: string },
  next: string | null,
): Promise<Page<{ id: string }>> {
  const everyone =
    group.type === 'BUILT_IN' && (next?.startsWith('seen:') || (await isEveryone(okta, group.id)))
  if (!everyone) return okta.groups.members(group.id, next)
  const after = next?.slice('seen:'.length) ?? null
  const ids = await transact(ctx, (tx) => listSeenUsers(tx, source, after, SEEN_PAGE))
  const last = ids.at(-1)
  return {
    items: ids.map((id) => ({ id })),
    next: ids.length === SEEN_PAGE && last !== undefined ? `seen:${last}` : null,
  }
}

// Okta has another built-in group, of its admins; only this one holds everybody.
async function isEveryone(okta: Okta, id: string): Promise<boolean> {
  return (await okta.groups.find(id))?.profile.name === 'Everyone'
}

/** A page may repeat a row; one statement must not write it twice. */
function unique<T extends { id: string }>(rows: T[]): T[] {
  return [...new Map(rows.map((row) => [row.id, row])).values()]
}
