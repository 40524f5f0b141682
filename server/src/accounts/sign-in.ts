/**
 * Signing in: by a link that is mailed, or by a password. Who signs in may be a member, a person of
 * the directory, or both in one. Nobody learns here whether an address is known.
 */
import { hash, verify } from '@node-rs/argon2'
import {
  AppError,
  type Context,
  findTenant,
  type Platform,
  systemContext,
  type Tx,
  transact,
} from '#platform'
import { issueCredential, proves, readCredential } from './credentials.ts'
import { passwordSet, signedIn, signedOut, signInLinkSent } from './events.ts'
import { comparisonKey } from './keys.ts'
import { findMember, findMembersByEmail, type MemberRow, savePasswordHash } from './members.store.ts'
import * as store from './sessions.store.ts'

const SESSION_HOURS = 7 * 24
const LINK_MINUTES = 30
/** Links to one address within a quarter of an hour; more would only help to annoy. */
const LINKS_AT_ONCE = 5
/** Tries to sign in with a password to one address within a quarter of an hour. */
const PASSWORD_TRIES = 10

/** Hands a sign-in link to whatever brings it to its person, in the same transaction. */
export type Deliver = (
  tx: Tx,
  mail: { to: string; name: string; link: string; minutes: number },
) => Promise<void>

/** Finds who may file requests under an address: the directory knows, this folder does not. */
export type FindRequester = (
  tx: Tx,
  by: { email: string } | { id: string },
) => Promise<{ id: string; displayName: string } | undefined>

interface Identity {
  email: string
  displayName: string
  memberId: string | null
  personId: string | null
}

/** Sends a link if the address is known; says the same when it is not. */
export async function requestSignInLink(
  platform: Platform,
  { workspace, email }: { workspace: string; email: string },
  deliver: Deliver,
  findRequester: FindRequester,
): Promise<void> {
  const tenant = await findTenant(platform, workspace)
  if (!tenant) return
  await transact(systemContext(platform, tenant.id), async (tx) => {
    const identity = await identityOf(tx, email, findRequester)
    if (!identity || (await store.countRecentLinks(tx, identity.email)) >= LINKS_AT_ONCE) return
    await issueSignInLink(tx, identity, deliver)
  })
}

/** Makes a sign-in link and hands it over. @returns the link, for the command line */
export async function issueSignInLink(tx: Tx, identity: Identity, deliver: Deliver): Promise<string> {
  const { text, id, mac } = issueCredential(tx.platform, 'link', tx.tenantId)
  const expiresAt = new Date(Date.now() + LINK_MINUTES * 60_000)
  const { email, displayName, memberId, personId } = identity
  await store.insertLink(tx, { id, mac, email, memberId, personId, expiresAt })
  // In the fragment, which no server, proxy or referrer ever sees.
  const link = `${tx.platform.config.publicUrl}/sign-in/link#token=${text}`
  await deliver(tx, { to: email, name: displayName, link, minutes: LINK_MINUTES })
  signInLinkSent(tx, [memberId, personId], { name: displayName })
  return link
}

/** Who an address belongs to: an active member, a person who may come in, or both. */
export async function identityOf(
  tx: Tx,
  email: string,
  findRequester: FindRequester,
): Promise<Identity | undefined> {
  const members = (await findMembersByEmail(tx, comparisonKey(email))).filter((row) => row.active)
  const person = await findRequester(tx, { email })
  // Two accounts with one address: neither can be told to be the owner of the mailbox.
  const member = members.length === 1 ? members[0] : undefined
  if (!member && !person) return undefined
  return {
    email: member?.email ?? email,
    displayName: member?.displayName ?? person?.displayName ?? email,
    memberId: member?.id ?? null,
    personId: person?.id ?? null,
  }
}

export interface NewSession {
  ctx: Context
  sessionId: string
  cookie: string
  expiresAt: Date
}

/** @throws AppError `sign_in_failed` for a link that is unknown, used or expired */
export async function signInByLink(
  platform: Platform,
  token: string,
  findRequester: FindRequester,
): Promise<NewSession> {
  const credential = readCredential(token)
  const refused = new AppError(
    'sign_in_failed',
    'This sign-in link cannot be used: it was used before, or it is too old. Ask for a new one.',
  )
  if (credential?.kind !== 'link') throw refused
  const ctx = systemContext(platform, credential.tenantId)
  return transact(ctx, async (tx) => {
    const link = await store.findUsableLink(tx, credential.id)
    if (!proves(platform, credential, link?.mac) || !link) throw refused
    await store.markLinkUsed(tx, credential.id)
    const member = link.memberId ? await findMember(tx, link.memberId) : undefined
    if (member && !member.active) throw refused
    const person = link.personId ? await findRequester(tx, { id: link.personId }) : undefined
    if (!member && !person) throw refused
    const displayName = member?.displayName ?? person?.displayName ?? link.email
    return startSession(tx, { ...link, personId: person?.id ?? null, displayName }, 'an e-mail link')
  })
}

/** @throws AppError `sign_in_failed`, the same for a wrong password and an unknown address; `too_many` for guessing */
export async function signInByPassword(
  platform: Platform,
  input: { workspace: string; email: string; password: string },
  findRequester: FindRequester,
): Promise<NewSession> {
  const refused = new AppError(
    'sign_in_failed',
    'E-mail address and password do not belong together. You can have a sign-in link sent instead.',
  )
  const tenant = await findTenant(platform, input.workspace)
  const ctx = systemContext(platform, tenant?.id ?? 'wsp_none')
  const emailKey = comparisonKey(input.email)
  const tries = tenant ? await transact(ctx, (tx) => store.notePasswordTry(tx, emailKey)) : 0
  if (tries > PASSWORD_TRIES)
    throw new AppError(
      'too_many',
      'Too many passwords were tried for this address. Wait a quarter of an hour, or have a sign-in link sent.',
    )
  const member = tenant ? await transact(ctx, (tx) => passwordMember(tx, input.email)) : undefined
  // The same work for an unknown address: time does not tell which addresses are known.
  const right = await verify(member?.passwordHash ?? (await DUMMY), input.password.normalize('NFKC'))
  if (!member || !right) throw refused
  return transact(ctx, async (tx) => {
    const fresh = await findMember(tx, member.id, true)
    if (!fresh?.active || fresh.passwordHash !== member.passwordHash) throw refused
    await store.forgetPasswordTries(tx, emailKey)
    const person = await findRequester(tx, { email: fresh.email })
    const { id: memberId, email, displayName } = fresh
    return startSession(tx, { memberId, email, displayName, personId: person?.id ?? null }, 'a password')
  })
}

const DUMMY = hash('no password is this one')

async function passwordMember(tx: Tx, email: string): Promise<MemberRow | undefined> {
  const rows = (await findMembersByEmail(tx, comparisonKey(email))).filter(
    (row) => row.active && row.passwordHash,
  )
  return rows.length === 1 ? rows[0] : undefined
}

async function startSession(tx: Tx, identity: Identity, by: string): Promise<NewSession> {
  const { text, id, mac } = issueCredential(tx.platform, 'ses', tx.tenantId)
  const expiresAt = new Date(Date.now() + SESSION_HOURS * 3_600_000)
  const { email, displayName, memberId, personId } = identity
  await store.insertSession(tx, { id, mac, email, displayName, memberId, personId, expiresAt })
  const actor = memberId
    ? ({ kind: 'member', id: memberId, name: displayName } as const)
    : ({ kind: 'person', id: personId ?? id, name: displayName } as const)
  signedIn({ ...tx, actor }, [memberId, personId], { with: by })
  return {
    ctx: { ...systemContext(tx.platform, tx.tenantId), actor },
    sessionId: id,
    cookie: text,
    expiresAt,
  }
}

export function signOut(ctx: Context): Promise<void> {
  return transact(ctx, async (tx) => {
    if (!ctx.principal?.sessionId) return
    await store.endSession(tx, ctx.principal.sessionId)
    signedOut(tx, [ctx.principal.memberId, ctx.principal.personId], {})
  })
}

/**
 * Sets the caller's password; his other sessions end.
 * @throws AppError `forbidden` for people without a member account or managed by SCIM, or a wrong current password
 */
export async function setPassword(
  ctx: Context,
  input: { current?: string | undefined; next: string },
): Promise<void> {
  const memberId = ctx.principal?.memberId
  if (!memberId) throw new AppError('forbidden', 'Only members have a password. Sign in with an e-mail link.')
  const member = await transact(ctx, (tx) => findMember(tx, memberId))
  if (member?.source === 'scim')
    throw new AppError(
      'forbidden',
      'Your account is managed by your identity provider, so it has no password here. Sign in with an e-mail link.',
    )
  if (member?.passwordHash && !(await verify(member.passwordHash, (input.current ?? '').normalize('NFKC'))))
    throw new AppError('forbidden', 'The current password is not right.')
  const passwordHash = await hash(input.next.normalize('NFKC'))
  await transact(ctx, async (tx) => {
    await savePasswordHash(tx, memberId, passwordHash)
    await store.endSessionsOf(tx, { memberId, except: ctx.principal?.sessionId ?? null })
    passwordSet(tx, [memberId], {})
  })
}
