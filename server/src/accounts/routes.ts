/** Contract to verbs, a line each. */
import { implement } from '@orpc/server'
import {
  type CallContext,
  checkIntegrity,
  eventTypes,
  type LoggedEvent,
  listEvents,
  listTenants,
  sentenceOf,
} from '#platform'
import { authorized, clearSessionCookie, setSessionCookie } from './authenticate.ts'
import { accounts, type LogEvent, type Session } from './contract.ts'
import * as members from './members.ts'
import * as oauthClients from './oauth-clients.ts'
import * as roles from './roles.ts'
import { describeSession } from './session.ts'
import * as signIn from './sign-in.ts'
import { streamEvents } from './stream.ts'
import * as tokens from './tokens.ts'

/** What accounts needs of folders to the right, handed in by `main.ts`. */
export interface AccountPorts {
  deliver: signIn.Deliver
  findRequester: signIn.FindRequester
}

export function accountRoutes({ deliver, findRequester }: AccountPorts) {
  const os = implement(accounts).$context<CallContext>().use(authorized)
  return os.router({
    signInOptions: os.signInOptions.handler(async ({ context }) => {
      const tenants = await listTenants(context.platform)
      const only = tenants.length === 1 ? tenants[0] : undefined
      return { workspace: only ? { slug: only.slug, name: only.name } : null }
    }),
    requestSignInLink: os.requestSignInLink.handler(async ({ context, input }) => {
      await signIn.requestSignInLink(context.platform, input, deliver, findRequester)
      return { sentTo: input.email }
    }),
    signIn: os.signIn.handler(async ({ context, input }) => {
      const session =
        input.with === 'link'
          ? await signIn.signInByLink(context.platform, input.token, findRequester)
          : await signIn.signInByPassword(context.platform, input, findRequester)
      return startBrowserSession(context, session)
    }),
    getSession: os.getSession.handler(({ context }) =>
      describeSession(context.ctx, context.ctx.principal?.sessionId),
    ),
    signOut: os.signOut.handler(async ({ context }) => {
      await signIn.signOut(context.ctx)
      clearSessionCookie(context.platform, context.reply)
      return {}
    }),
    setPassword: os.setPassword.handler(async ({ context, input }) => {
      await signIn.setPassword(context.ctx, input)
      return {}
    }),

    listMembers: os.listMembers.handler(({ context, input }) => members.listMembers(context.ctx, input)),
    getMember: os.getMember.handler(({ context, input }) => members.getMember(context.ctx, input.memberId)),
    inviteMember: os.inviteMember.handler(({ context, input }) =>
      members.inviteMember(context.ctx, input, deliver),
    ),
    setMemberRoles: os.setMemberRoles.handler(({ context, input }) =>
      members.setMemberRoles(context.ctx, input.memberId, input.roleIds),
    ),
    deactivateMember: os.deactivateMember.handler(({ context, input }) =>
      members.deactivateMember(context.ctx, input.memberId),
    ),
    reactivateMember: os.reactivateMember.handler(({ context, input }) =>
      members.reactivateMember(context.ctx, input.memberId),
    ),
    setBreakGlass: os.setBreakGlass.handler(({ context, input }) =>
      members.setBreakGlass(context.ctx, input.memberId, input.breakGlass),
    ),

    listRoles: os.listRoles.handler(async ({ context }) => ({ items: await roles.listRoles(context.ctx) })),
    createRole: os.createRole.handler(({ context, input }) => roles.createRole(context.ctx, input)),
    updateRole: os.updateRole.handler(({ context, input: { roleId, ...input } }) =>
      roles.updateRole(context.ctx, roleId, input),
    ),
    deleteRole: os.deleteRole.handler(async ({ context, input }) => {
      await roles.deleteRole(context.ctx, input.roleId)
      return {}
    }),

    listServiceUsers: os.listServiceUsers.handler(async ({ context }) => ({
      items: await tokens.listServiceUsers(context.ctx),
      scimBaseUrl: await scimBaseUrl(context),
    })),
    createServiceUser: os.createServiceUser.handler(({ context, input }) =>
      tokens.createServiceUser(context.ctx, input),
    ),
    createToken: os.createToken.handler(({ context, input }) =>
      tokens.createToken(context.ctx, input.serviceUserId, input.expiresInDays, input.replacesTokenId),
    ),
    createBasicCredential: os.createBasicCredential.handler(({ context, input }) =>
      tokens.createBasicCredential(
        context.ctx,
        input.serviceUserId,
        input.expiresInDays,
        input.replacesTokenId,
      ),
    ),
    revokeToken: os.revokeToken.handler(({ context, input }) =>
      tokens.revokeToken(context.ctx, input.tokenId),
    ),

    listOauthClients: os.listOauthClients.handler(({ context, input }) =>
      oauthClients.listOauthClients(context.ctx, input.serviceUserId),
    ),
    createOauthClient: os.createOauthClient.handler(({ context, input: { serviceUserId, ...input } }) =>
      oauthClients.createOauthClient(context.ctx, serviceUserId, input),
    ),
    deleteOauthClient: os.deleteOauthClient.handler(async ({ context, input }) => {
      await oauthClients.deleteOauthClient(context.ctx, input.oauthClientId)
      return {}
    }),

    listEvents: os.listEvents.handler(async ({ context, input }) => {
      const items = (await listEvents(context.ctx, input)).map(eventView)
      const last = items.at(-1)
      const types = eventTypes()
      return items.length === input.limit && last ? { items, nextBefore: last.seq, types } : { items, types }
    }),
    checkEventLog: os.checkEventLog.handler(({ context }) => checkIntegrity(context.ctx)),
    streamEvents: os.streamEvents.handler(({ context, lastEventId, signal }) =>
      streamEvents(context, lastEventId ?? context.lastEventId, signal),
    ),
  })
}

/** An event as the API shows it. */
export function eventView(event: LoggedEvent): LogEvent {
  return { ...event, sentence: sentenceOf(event) }
}

async function startBrowserSession(context: CallContext, session: signIn.NewSession): Promise<Session> {
  setSessionCookie(context.platform, context.reply, session.cookie, session.expiresAt)
  return describeSession(session.ctx, session.sessionId)
}

async function scimBaseUrl({ platform, ctx }: CallContext): Promise<string> {
  const tenant = (await listTenants(platform)).find((one) => one.id === ctx?.tenantId)
  return `${platform.config.publicUrl}/scim/v2/${tenant?.slug ?? ''}`
}
