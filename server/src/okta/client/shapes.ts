/** What Keydesk reads of Okta's answers. Okta may add fields at any time; words it does not know pass through. */
import * as z from 'zod'

const time = z.string().nullish()
const links = z.record(z.string(), z.unknown()).optional()

export const OktaUser = z.object({
  id: z.string().min(1),
  status: z.string(),
  transitioningToStatus: z.string().nullish(),
  statusChanged: time,
  lastLogin: time,
  lastUpdated: time,
  passwordChanged: time,
  profile: z.record(z.string(), z.unknown()).default({}),
  credentials: z.object({ provider: z.object({ type: z.string() }).optional() }).optional(),
  _links: links,
})
export type OktaUser = z.infer<typeof OktaUser>

export const OktaGroup = z.object({
  id: z.string().min(1),
  type: z.string(),
  profile: z.object({ name: z.string().default(''), description: z.string().nullish() }),
  _embedded: z
    // The spelling is Okta's own.
    .object({ stats: z.object({ hasAdminPrivlege: z.boolean().optional() }).optional() })
    .optional(),
})
export type OktaGroup = z.infer<typeof OktaGroup>

export const OktaAppUser = z.object({
  id: z.string().min(1),
  scope: z.string().default('USER'),
  status: z.string().default('ACTIVE'),
})
export type OktaAppUser = z.infer<typeof OktaAppUser>

export const OktaApp = z.object({
  id: z.string().min(1),
  name: z.string().default(''),
  label: z.string(),
  status: z.string(),
  signOnMode: z.string().nullish(),
  _embedded: z.object({ user: OktaAppUser.optional() }).optional(),
})
export type OktaApp = z.infer<typeof OktaApp>

export const OktaFactor = z.object({
  id: z.string(),
  factorType: z.string(),
  provider: z.string().default('OKTA'),
  status: z.string().default('ACTIVE'),
  created: time,
  profile: z.record(z.string(), z.unknown()).default({}),
})
export type OktaFactor = z.infer<typeof OktaFactor>

export const OktaRole = z.object({ type: z.string(), label: z.string().optional() })
export type OktaRole = z.infer<typeof OktaRole>

export const OktaOrganisation = z.object({
  id: z.string().startsWith('00o'),
  pipeline: z.string().optional(),
})
export type OktaOrganisation = z.infer<typeof OktaOrganisation>

/** A user's name as people say it: the profile is free text, and any part of it may be missing. */
export function nameOf(user: OktaUser): string {
  const text = (key: string) => (typeof user.profile[key] === 'string' ? user.profile[key].trim() : '')
  return text('displayName') || `${text('firstName')} ${text('lastName')}`.trim() || loginOf(user)
}

export function loginOf(user: OktaUser): string {
  const login = user.profile['login']
  return typeof login === 'string' && login !== '' ? login : user.id
}

/** What a factor is called in Okta's own pages. */
export function factorName({ factorType, provider, profile }: OktaFactor): string {
  const detail = [profile['name'], profile['phoneNumber'], profile['email']].find(
    (one) => typeof one === 'string',
  )
  const name = FACTORS[`${provider}/${factorType}`] ?? FACTORS[factorType] ?? `${provider} ${factorType}`
  return detail ? `${name} (${detail})` : name
}

const FACTORS: Record<string, string> = {
  push: 'Okta Verify push',
  signed_nonce: 'Okta FastPass',
  'token:software:totp': 'Okta Verify code',
  'GOOGLE/token:software:totp': 'Google Authenticator',
  sms: 'SMS',
  call: 'Voice call',
  email: 'Email',
  question: 'Security question',
  webauthn: 'Security key or passkey',
  u2f: 'Security key',
  'token:hardware': 'Hardware token',
}
