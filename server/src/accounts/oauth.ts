/**
 * OAuth 2 for SCIM clients: client credentials, and the code grant with PKCE and refresh (RFC 6749, RFC
 * 7636). A library reads the requests and speaks the protocol; what it asks of us is answered here, all of
 * one request in one transaction. Tokens are opaque: an access token is a SCIM token that lives for an hour.
 */
import OAuth2Server from '@node-oauth/oauth2-server'
import { macOf, type Tx } from '#platform'
import { type CredentialKind, issueCredential, proves, readCredential } from './credentials.ts'
import * as store from './oauth.store.ts'
import { findKnownClient, type KnownClient, provesClient } from './oauth-clients.ts'
import { oauthAllowed, oauthGrantEnded } from './oauth-events.ts'
import { findServiceUser, insertToken } from './tokens.store.ts'

/** The only scope there is. */
export const SCOPE = 'scim'

const ACCESS_SECONDS = 3600
const CODE_SECONDS = 300
/** A connection that calls less than once a year asks for consent again. */
const REFRESH_SECONDS = 365 * 86_400

/** S256 of a verifier: 32 bytes in base64url (RFC 7636 §4.2). */
const CHALLENGE = /^[\w-]{43}$/

export interface OauthRequest {
  headers: Record<string, string>
  body: Record<string, string>
}

/** What to answer; `refused` by the codes of RFC 6749 §4.1.2.1 and §5.2. */
export interface OauthAnswer {
  status: number
  headers: Record<string, string>
  body: Record<string, unknown>
  refused: string | undefined
}

interface User {
  memberId: string | null
  /** Null for client credentials, where nobody was asked. */
  grantId: string | null
}

type Client = OAuth2Server.Client & { row: KnownClient }

/** Answers `POST /oauth/token`. What was refused is committed too: a code is spent by its first use. */
export function grantToken(tx: Tx, request: OauthRequest): Promise<OauthAnswer> {
  const server = new OAuth2Server({ model: modelOf(tx, { authenticating: true, saving: true }) })
  return answerOf(request, (req, res) =>
    server.token(req, res, {
      accessTokenLifetime: ACCESS_SECONDS,
      refreshTokenLifetime: REFRESH_SECONDS,
      // Who has no secret is told from who forgot it by the model, which knows the client.
      requireClientAuthentication: { authorization_code: false, refresh_token: false },
    }),
  )
}

/**
 * Answers a request for a code, by a redirect to the client.
 * @param memberId who is asked
 * @param saving false to find out only what would be answered, before anybody is asked
 */
export function grantCode(
  tx: Tx,
  request: OauthRequest,
  memberId: string,
  saving: boolean,
): Promise<OauthAnswer> {
  const server = new OAuth2Server({ model: modelOf(tx, { authenticating: false, saving }) })
  const user: User = { memberId, grantId: null }
  return answerOf(request, (req, res) =>
    server.authorize(req, res, {
      authenticateHandler: { handle: () => user },
      authorizationCodeLifetime: CODE_SECONDS,
      allowEmptyState: true,
    }),
  )
}

async function answerOf(
  { headers, body }: OauthRequest,
  act: (req: OAuth2Server.Request, res: OAuth2Server.Response) => Promise<unknown>,
): Promise<OauthAnswer> {
  const res = new OAuth2Server.Response({ headers: {} })
  let refused: string | undefined
  try {
    await act(new OAuth2Server.Request({ headers, body, method: 'POST', query: {} }), res)
  } catch (error) {
    // A fault of ours rolls everything back; a refusal is an answer.
    if (!(error instanceof OAuth2Server.OAuthError) || error instanceof OAuth2Server.ServerError)
      throw (error as { inner?: unknown }).inner ?? error
    refused = error.name
    if (Object.keys((res.body ?? {}) as object).length === 0)
      res.body = { error: error.name, error_description: error.message }
    if (!res.headers?.['location']) res.status = error.code
  }
  return { status: res.status ?? 200, headers: res.headers ?? {}, body: res.body ?? {}, refused }
}

type Model = OAuth2Server.AuthorizationCodeModel &
  OAuth2Server.ClientCredentialsModel &
  OAuth2Server.RefreshTokenModel

function modelOf(tx: Tx, { authenticating, saving }: { authenticating: boolean; saving: boolean }): Model {
  const { platform, tenantId } = tx
  const issue = async (kind: CredentialKind) => issueCredential(platform, kind, tenantId).text

  return {
    generateAccessToken: () => issue('scim'),
    generateRefreshToken: () => issue('ref'),
    generateAuthorizationCode: () => issue('code'),
    validateScope: async (_user, _client, scope) =>
      (scope ?? []).every((one) => one === SCOPE) ? [SCOPE] : false,

    async getClient(clientId, secret) {
      const row = await findKnownClient(tx, clientId)
      const proven = provesClient(platform, row, secret ?? '')
      if (!row || (authenticating && !proven)) return undefined
      return { id: row.id, row, grants: grantsOf(row), redirectUris: row.redirectUris } as Client
    },
    async getUserFromClient() {
      return { memberId: null, grantId: null } satisfies User
    },

    async saveAuthorizationCode(code, client, user) {
      refuseWithoutChallenge(client as Client, code.codeChallenge)
      if (saving) await saveCode(tx, code, client as Client, user as User)
      return { ...code, client, user }
    },
    getAuthorizationCode: (text) => findCode(tx, text),
    revokeAuthorizationCode: (code) => store.useCode(tx, (code.user as User).grantId ?? ''),

    async saveToken(token, client, user) {
      await saveTokens(tx, token, (client as Client).row, user as User)
      return { ...token, client, user }
    },
    getRefreshToken: (text) => findRefresh(tx, text),
    revokeToken: (token) => store.useRefreshToken(tx, readCredential(token.refreshToken ?? '')?.id ?? ''),
    // Only for callers of a protected resource, which are not served by the library.
    getAccessToken: async () => undefined,
  }
}

function grantsOf(client: KnownClient): string[] {
  const byCode = client.redirectUris.length > 0 ? ['authorization_code', 'refresh_token'] : []
  return client.mac ? ['client_credentials', ...byCode] : byCode
}

// Okta's form knows nothing of PKCE, so a client that will prove itself by its secret may go without.
function refuseWithoutChallenge({ row }: Client, challenge: string | undefined): void {
  if (challenge !== undefined && !CHALLENGE.test(challenge))
    throw new OAuth2Server.InvalidRequestError('Invalid parameter: `code_challenge`')
  if (row.mac === null && challenge === undefined)
    throw new OAuth2Server.InvalidRequestError('Missing parameter: `code_challenge`, by the method S256')
}

async function saveCode(
  tx: Tx,
  code: Pick<
    OAuth2Server.AuthorizationCode,
    'authorizationCode' | 'expiresAt' | 'redirectUri' | 'codeChallenge'
  >,
  { row }: Client,
  { memberId }: User,
): Promise<void> {
  const { id, mac } = storedOf(tx, code.authorizationCode)
  await store.insertGrant(tx, {
    id,
    oauthClientId: row.id,
    memberId,
    codeMac: mac,
    redirectUri: code.redirectUri,
    codeChallenge: code.codeChallenge ?? null,
    codeExpiresAt: code.expiresAt,
  })
  oauthAllowed(tx, [row.serviceUserId, row.id, memberId], { name: row.user.name })
}

async function findCode(tx: Tx, text: string): Promise<OAuth2Server.AuthorizationCode | undefined> {
  const credential = readCredential(text)
  if (credential?.kind !== 'code' || credential.tenantId !== tx.tenantId) return undefined
  const grant = await store.findGrant(tx, credential.id)
  if (!proves(tx.platform, credential, grant?.codeMac) || !grant) return undefined
  // RFC 6749 §4.1.2: somebody else has it too, so what came of it ends.
  if (grant.codeUsedAt) return endStolen(tx, grant, 'its code was used twice')
  return {
    authorizationCode: text,
    expiresAt: grant.codeExpiresAt,
    redirectUri: grant.redirectUri,
    scope: [SCOPE],
    client: { id: grant.oauthClientId, grants: [] },
    user: { memberId: grant.memberId, grantId: grant.id } satisfies User,
    ...(grant.codeChallenge ? { codeChallenge: grant.codeChallenge, codeChallengeMethod: 'S256' } : {}),
  }
}

async function findRefresh(tx: Tx, text: string): Promise<OAuth2Server.RefreshToken | undefined> {
  const credential = readCredential(text)
  if (credential?.kind !== 'ref' || credential.tenantId !== tx.tenantId) return undefined
  const token = await store.findRefreshToken(tx, credential.id)
  if (!proves(tx.platform, credential, token?.mac) || !token) return undefined
  const grant = await store.findGrant(tx, token.oauthGrantId)
  if (!grant || grant.endedAt) return undefined
  // RFC 9700 §4.14.2: either this caller or the one before it stole the token, and nobody can tell which.
  if (token.usedAt) return endStolen(tx, grant, 'a refresh token was used twice')
  return {
    refreshToken: text,
    refreshTokenExpiresAt: token.expiresAt,
    scope: [SCOPE],
    client: { id: grant.oauthClientId, grants: [] },
    user: { memberId: grant.memberId, grantId: grant.id } satisfies User,
  }
}

async function endStolen(tx: Tx, grant: store.GrantRow, because: string): Promise<undefined> {
  if (await store.endGrant(tx, grant.id, because)) await noteEnd(tx, grant, because)
  return undefined
}

async function noteEnd(tx: Tx, grant: store.GrantRow, because: string): Promise<void> {
  const client = await store.findClient(tx, grant.oauthClientId)
  const user = client && (await findServiceUser(tx, client.serviceUserId))
  oauthGrantEnded(tx, [client?.serviceUserId, grant.oauthClientId], {
    name: user?.name ?? 'A removed connection',
    because,
  })
}

async function saveTokens(
  tx: Tx,
  token: OAuth2Server.Token,
  client: KnownClient,
  { grantId }: User,
): Promise<void> {
  await store.tidyClient(tx, client.id)
  await insertToken(tx, {
    ...storedOf(tx, token.accessToken),
    serviceUserId: client.serviceUserId,
    use: 'oauth',
    expiresAt: token.accessTokenExpiresAt ?? new Date(Date.now() + ACCESS_SECONDS * 1000),
    oauthClientId: client.id,
    oauthGrantId: grantId,
  })
  if (token.refreshToken && token.refreshTokenExpiresAt && grantId) {
    const { id, mac } = storedOf(tx, token.refreshToken)
    await store.insertRefreshToken(tx, {
      id,
      mac,
      oauthGrantId: grantId,
      expiresAt: token.refreshTokenExpiresAt,
    })
  }
}

/** What is kept of a credential that the library carried as text. */
function storedOf({ platform }: Tx, text: string): { id: string; mac: Buffer; hint: string } {
  const credential = readCredential(text)
  if (!credential) throw new Error('A credential of our own cannot be read.')
  const { id, kind, secret } = credential
  return { id, mac: macOf(platform.keys, kind, secret), hint: text.slice(-4) }
}

/**
 * Ends a token at its client's wish (RFC 7009). A refresh token takes everything of its grant along; a
 * token that nobody knows is as good as ended.
 * @returns false when the token is another client's
 */
export async function revokeByClient(tx: Tx, client: KnownClient, text: string): Promise<boolean> {
  const credential = readCredential(text)
  if (credential?.tenantId !== tx.tenantId) return true
  if (credential.kind === 'scim') {
    const token = await store.findAccessToken(tx, credential.id)
    if (!proves(tx.platform, credential, token?.mac) || !token) return true
    if (token.oauthClientId !== client.id) return false
    await store.revokeAccessToken(tx, credential.id)
  }
  if (credential.kind === 'ref') {
    const token = await store.findRefreshToken(tx, credential.id)
    if (!proves(tx.platform, credential, token?.mac) || !token) return true
    const grant = await store.findGrant(tx, token.oauthGrantId)
    if (grant?.oauthClientId !== client.id) return false
    const because = 'the client gave it back'
    if (await store.endGrant(tx, grant.id, because)) await noteEnd(tx, grant, because)
  }
  return true
}
