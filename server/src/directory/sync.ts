/**
 * How a source writes into the directory: pages of people, groups, memberships, apps and assignments,
 * each stamped with the import that saw it. What a complete import did not see is marked gone.
 */
import type { Tx } from '#platform'
import { personSynced } from './events.ts'
import * as store from './sync.store.ts'

/** A person as a source describes them. Times are instants, texts are as the source has them. */
export interface SourcePerson {
  oktaUserId: string
  login: string
  email: string | null
  displayName: string
  title: string | null
  department: string | null
  location: string | null
  employeeNumber: string | null
  /** Okta's word. */
  status: string
  /** Free text of the source: an id, a login, an address, a number or a name. */
  managerId: string | null
  manager: string | null
  /** The whole profile, custom attributes included. */
  attributes: Record<string, unknown>
  /** Okta's credential provider: OKTA, ACTIVE_DIRECTORY, FEDERATION … */
  provider: string
  statusChangedAt: Date | null
  lastLoginAt: Date | null
  remoteUpdatedAt: Date | null
}

export interface SourceGroup {
  oktaGroupId: string
  name: string
  description: string | null
  type: string
}

export interface SourceApp {
  oktaAppId: string
  name: string
  /** SAML, OIDC, SWA, bookmark … in words. */
  signOn: string
  status: string
}

/** Where rows come from: the connection, and the import that carries them. */
export interface Source {
  connectionId: string
  importId: string
}

/** Writes people; a row whose `remoteUpdatedAt` is newer stays as it is. @returns how many rows the page had */
export async function savePeople(tx: Tx, source: Source, people: readonly SourcePerson[]): Promise<void> {
  await store.upsertPeople(tx, source, people)
}

export async function saveGroups(tx: Tx, source: Source, groups: readonly SourceGroup[]): Promise<void> {
  await store.upsertGroups(tx, source, groups)
}

/** Writes a page of a group's members. People whom the directory does not know are left out. */
export async function saveGroupMembers(
  tx: Tx,
  source: Source,
  oktaGroupId: string,
  oktaUserIds: readonly string[],
): Promise<void> {
  await store.upsertGroupMembers(tx, source, oktaGroupId, oktaUserIds)
}

export async function saveApps(tx: Tx, source: Source, apps: readonly SourceApp[]): Promise<void> {
  await store.upsertApps(tx, source, apps)
}

/** Writes a page of an app's assignments. */
export async function saveAssignments(
  tx: Tx,
  source: Source,
  oktaAppId: string,
  assignments: readonly { oktaUserId: string; scope: string; status: string }[],
): Promise<void> {
  await store.upsertAssignments(tx, source, oktaAppId, assignments)
}

/** The source's ids of its groups (or apps) that are not gone, in a stable order, after a given one. */
export function listSourceGroups(
  tx: Tx,
  connectionId: string,
  after: string | null,
  limit: number,
): Promise<{ oktaGroupId: string; type: string }[]> {
  return store.listSourceGroups(tx, connectionId, after, limit)
}

export function listSourceApps(
  tx: Tx,
  connectionId: string,
  after: string | null,
  limit: number,
): Promise<{ oktaAppId: string }[]> {
  return store.listSourceApps(tx, connectionId, after, limit)
}

/** What an import has written, by kind; the figures that are compared with the source's. */
export function countSynced(tx: Tx, connectionId: string): Promise<store.SyncedCounts> {
  return store.countSynced(tx, connectionId)
}

/**
 * Ends a complete import: resolves managers, and marks gone what this import did not see.
 * @returns how many people, groups and apps are gone now that were not before
 */
export async function finishImport(tx: Tx, source: Source): Promise<store.Gone> {
  const gone = await store.markGone(tx, source)
  await store.resolveManagers(tx, source.connectionId)
  return gone
}

/** Writes what a live read of one person found, outside any import. */
export async function refreshPerson(tx: Tx, connectionId: string, person: SourcePerson): Promise<void> {
  const before = await store.findStatus(tx, connectionId, person.oktaUserId)
  await store.upsertPeople(tx, { connectionId, importId: null }, [person])
  if (before && before.status !== person.status)
    personSynced(tx, [before.id], { name: person.displayName, from: before.status, to: person.status })
}
