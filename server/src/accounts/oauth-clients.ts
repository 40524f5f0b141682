/** OAuth clients of SCIM connections: what a program calls itself by, its secret, and where codes may be sent. */
import { AppError, type Context, newId, notFound, type Platform, type Tx, transact } from '#platform'
import type { OauthClient, OauthEndpoints } from './contract.ts'
import { issueSecret, proves } from './credentials.ts'
import * as store from './oauth.store.ts'
import { oauthClientCreated, oauthClientDeleted } from './oauth-events.ts'
import { getUserToEquip } from './raising.ts'
import { findServiceUser, type ServiceUserRow } from './tokens.store.ts'

/** Okta's own test cloud is reached without TLS, by this name and no other. */
const PLAIN_HOSTS = ['localhost', '127.0.0.1', '[::1]', 'system-admin.okta1.com']

const CLIENT_ID = /^kdc_([0-9a-z]{26})_([0-9a-z]{26})$/

/** How a client calls itself: it names its workspace too, because `/oauth/token` is one for all. */
function clientIdOf(tenantId: string, id: string): string {
  return `kdc_${tenantId.slice(4)}_${id.slice(4)}`
}

/** The parts of a client id, or undefined for anything that is none of ours. */
export function readClientId(text: string): { tenantId: string; id: string } | undefined {
  const [, tenant, id] = CLIENT_ID.exec(text) ?? []
  return tenant && id ? { tenantId: `wsp_${tenant}`, id: `oac_${id}` } : undefined
}

/** A client that may be served, with its connection. */
export interface KnownClient extends store.ClientRow {
  user: ServiceUserRow
}

/** Undefined for a client that is not there, and for one whose connection was removed. */
export async function findKnownClient(tx: Tx, clientId: string): Promise<KnownClient | undefined> {
  const named = readClientId(clientId)
  const row = named?.tenantId === tx.tenantId ? await store.findClient(tx, named.id) : undefined
  const user = row && (await findServiceUser(tx, row.serviceUserId))
  return row && user ? { ...row, user } : undefined
}

/** Whether a client is who it says: by its secret, or, for one without, by sending none. */
export function provesClient(platform: Platform, client: KnownClient | undefined, secret: string): boolean {
  const right = proves(platform, { kind: 'client', secret }, client?.mac)
  return client !== undefined && (client.mac === null ? secret === '' : right)
}

/** Every client of the workspace, with the connection it belongs to. */
export async function listClientViews(tx: Tx): Promise<{ serviceUserId: string; client: OauthClient }[]> {
  const clients = await store.listClients(tx)
  const grants = clients.length > 0 ? await store.listGrants(tx) : []
  return clients.map((row) => ({ serviceUserId: row.serviceUserId, client: viewOf(tx, row, grants) }))
}

export function listOauthClients(
  ctx: Context,
  serviceUserId: string,
): Promise<{ items: OauthClient[]; endpoints: OauthEndpoints }> {
  return transact(ctx, async (tx) => {
    if (!(await findServiceUser(tx, serviceUserId))) throw notFound('service user')
    const all = await listClientViews(tx)
    return {
      items: all.filter((one) => one.serviceUserId === serviceUserId).map(({ client }) => client),
      endpoints: endpointsOf(ctx.platform),
    }
  })
}

/** Where OAuth clients go. */
export function endpointsOf({ config }: Platform): OauthEndpoints {
  const at = (path: string) => `${config.publicUrl}/oauth/${path}`
  return { tokenUrl: at('token'), authorizeUrl: at('authorize'), revokeUrl: at('revoke') }
}

/**
 * @param input.redirectUris where codes may be sent, to the letter; none for client credentials only
 * @param input.confidential false for a program that can keep no secret and has to use PKCE
 * @throws AppError `invalid_input` for an address that is not https, or a client that could do nothing
 */
export function createOauthClient(
  ctx: Context,
  serviceUserId: string,
  { redirectUris, confidential }: { redirectUris: string[]; confidential: boolean },
): Promise<{ clientId: string; clientSecret: string | null; details: OauthClient }> {
  return transact(ctx, async (tx) => {
    const user = await getUserToEquip(tx, serviceUserId, 'scim')
    for (const uri of redirectUris) refuseUnsafe(uri)
    if (!confidential && redirectUris.length === 0)
      throw new AppError(
        'invalid_input',
        'A client without a secret needs an address to which codes are sent.',
      )
    const secret = confidential ? issueSecret(tx.platform, 'client') : undefined
    const row = await store.insertClient(tx, {
      id: newId('oac'),
      serviceUserId,
      mac: secret?.mac ?? null,
      hint: secret?.hint ?? null,
      redirectUris: [...new Set(redirectUris)],
    })
    oauthClientCreated(tx, [user.id, row.id], { name: user.name })
    const details = viewOf(tx, row, [])
    return { clientId: details.clientId, clientSecret: secret?.text ?? null, details }
  })
}

function refuseUnsafe(uri: string): void {
  const { protocol, hostname, hash, username, password } = new URL(uri)
  const encrypted = protocol === 'https:' || (protocol === 'http:' && PLAIN_HOSTS.includes(hostname))
  if (!encrypted || hash || uri.includes('#') || username || password || !/^[\x21-\x7e]+$/.test(uri))
    throw new AppError(
      'invalid_input',
      `Codes cannot be sent to ${uri}: it must be an https address without a fragment, a user name or a password.`,
    )
}

/** Deletes a client. Whatever it was given is gone with it, in the same transaction. */
export function deleteOauthClient(ctx: Context, id: string): Promise<void> {
  return transact(ctx, async (tx) => {
    const gone = await store.deleteClient(tx, id)
    if (!gone) throw notFound('OAuth client')
    const user = await findServiceUser(tx, gone.serviceUserId)
    oauthClientDeleted(tx, [gone.serviceUserId, id], { name: user?.name ?? 'a removed connection' })
  })
}

type Grant = Awaited<ReturnType<typeof store.listGrants>>[number]

function viewOf({ tenantId }: Tx, row: store.ClientRow, grants: readonly Grant[]): OauthClient {
  return {
    id: row.id,
    clientId: clientIdOf(tenantId, row.id),
    confidential: row.mac !== null,
    hint: row.hint,
    redirectUris: row.redirectUris,
    grants: grants
      .filter(({ oauthClientId }) => oauthClientId === row.id)
      .slice(0, 5)
      .map(({ memberId, name, createdAt, endedBecause }) => ({
        memberId,
        name,
        createdAt: createdAt.toISOString(),
        ended: endedBecause,
      })),
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
  }
}
