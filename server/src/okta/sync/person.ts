/** Okta's users, groups and apps in the directory's words. */
import type { SourceApp, SourceGroup, SourcePerson } from '#directory'
import { loginOf, nameOf, type OktaApp, type OktaGroup, type OktaUser } from '../client/shapes.ts'

export function personOf(user: OktaUser): SourcePerson {
  const text = (key: string) => {
    const value = user.profile[key]
    return typeof value === 'string' && value.trim() !== '' ? clean(value.trim()) : null
  }
  return {
    oktaUserId: user.id,
    login: clean(loginOf(user)),
    email: text('email'),
    displayName: clean(nameOf(user)),
    title: text('title'),
    department: text('department'),
    location: [text('city'), text('countryCode')].filter(Boolean).join(', ') || null,
    employeeNumber: text('employeeNumber'),
    status: user.status,
    managerId: text('managerId'),
    manager: text('manager'),
    attributes: cleanAll(user.profile),
    provider: user.credentials?.provider?.type ?? 'OKTA',
    statusChangedAt: instantOf(user.statusChanged),
    lastLoginAt: instantOf(user.lastLogin),
    remoteUpdatedAt: instantOf(user.lastUpdated),
  }
}

export function groupOf({ id, type, profile }: OktaGroup): SourceGroup {
  return {
    oktaGroupId: id,
    name: clean(profile.name) || id,
    description: profile.description ? clean(profile.description) : null,
    type,
  }
}

export function appOf({ id, name, label, status, signOnMode }: OktaApp): SourceApp {
  return { oktaAppId: id, name: clean(label || name), signOn: signOnWord(signOnMode), status }
}

const SIGN_ON: Record<string, string> = {
  SAML_2_0: 'SAML',
  SAML_1_1: 'SAML',
  OPENID_CONNECT: 'OIDC',
  AUTO_LOGIN: 'SWA',
  BROWSER_PLUGIN: 'SWA',
  SECURE_PASSWORD_STORE: 'SWA',
  BASIC_AUTH: 'basic',
  BOOKMARK: 'bookmark',
  WS_FEDERATION: 'WS-Fed',
}

function signOnWord(mode: string | null | undefined): string {
  return mode ? (SIGN_ON[mode] ?? mode) : 'none'
}

export function instantOf(text: string | null | undefined): Date | null {
  const ms = Date.parse(text ?? '')
  return Number.isNaN(ms) ? null : new Date(ms)
}

// PostgreSQL takes neither a NUL nor half of a character, and profiles are written by anybody.
function clean(text: string): string {
  return text.toWellFormed().replaceAll('\0', '')
}

function cleanAll(profile: Record<string, unknown>): Record<string, unknown> {
  return JSON.parse(JSON.stringify(profile), (_key, value: unknown) =>
    typeof value === 'string' ? clean(value) : value,
  )
}
