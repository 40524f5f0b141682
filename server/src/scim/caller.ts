/** Who calls: a SCIM connection of the workspace in the path, by its token, or a stranger. */
import { unauthorized } from '@keydesk/scim'
import type { FastifyRequest } from 'fastify'
import { authenticateToken, type Provisioner, readCredential } from '#accounts'
import { type Context, findTenant, type Platform } from '#platform'

export interface Caller {
  ctx: Context
  by: Provisioner
  /** The URL of the workspace's endpoints, from the settings and never from the request. */
  base: string
}

/**
 * Lets a live SCIM token into the workspace it belongs to.
 * @throws ScimError 401, the same for no token, a bad one, and a good one of another workspace
 */
export async function authenticate(
  platform: Platform,
  request: FastifyRequest,
  slug: string | undefined,
): Promise<Caller> {
  const credential = readCredential(tokenIn(request) ?? '')
  if (credential?.kind !== 'scim') throw unauthorized()
  const found = await authenticateToken(platform, credential)
  const tenant = found && slug !== undefined ? await findTenant(platform, slug) : undefined
  if (!found || tenant?.id !== found.ctx.tenantId) throw unauthorized()
  return {
    ctx: found.ctx,
    by: { serviceUserId: found.serviceUserId, defaultRoleId: found.defaultRoleId },
    base: `${platform.config.publicUrl}/scim/v2/${slug}`,
  }
}

// Node keeps the first of two Authorization headers and a proxy may keep the last, so two are none.
// Okta's "HTTP header" apps leave the scheme out; our tokens have a form that nothing else has.
function tokenIn({ raw }: FastifyRequest): string | undefined {
  const values = raw.rawHeaders.filter(
    (_, at) => raw.rawHeaders[at - 1]?.toLowerCase() === 'authorization' && at % 2 === 1,
  )
  return values.length === 1 ? /^(?:Bearer +)?(\S+)$/i.exec(values[0]?.trim() ?? '')?.[1] : undefined
}
