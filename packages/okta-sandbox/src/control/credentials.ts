import type { JWK } from 'jose'
import { publicHalf, type Secrets } from '../auth/secrets.ts'
import type { ServiceApp } from '../org.ts'
import type { World } from '../world.ts'

export type SandboxCredentials = {
  url: string
  ssws: { token: string }
  serviceApp: {
    clientId: string
    privateJwk: JWK
    scopes: readonly string[]
    role: string | null
    dpopRequired: boolean
  }
  keydeskApp: { id: string }
}

const RESOURCES = [
  'users',
  'groups',
  'apps',
  'logs',
  'eventHooks',
  'schemas',
  'userTypes',
  'roles',
  'orgs',
  'apiTokens',
]
const SCOPES = [
  ...RESOURCES.flatMap((name) => [`okta.${name}.read`, `okta.${name}.manage`]),
  'okta.sessions.manage',
]

/** The service app that is there from the start: every scope, Super Admin, DPoP as Okta makes them today. */
export function firstServiceApp(secrets: Secrets): ServiceApp {
  return {
    clientId: secrets.serviceClientId,
    label: 'Keydesk API Service',
    jwks: [publicHalf(secrets.servicePrivateJwk)],
    scopes: SCOPES,
    role: 'SUPER_ADMIN',
    dpopRequired: true,
    created: '2025-05-30T08:00:00.000Z',
  }
}

export function credentialsOf(world: World, url: string): SandboxCredentials {
  const app = world.org.serviceApps.get(world.secrets.serviceClientId) ?? firstServiceApp(world.secrets)
  const { clientId, scopes, role, dpopRequired } = app
  return {
    url,
    ssws: { token: world.secrets.ssws },
    serviceApp: { clientId, privateJwk: world.secrets.servicePrivateJwk, scopes, role, dpopRequired },
    keydeskApp: { id: world.org.keydeskApp },
  }
}
