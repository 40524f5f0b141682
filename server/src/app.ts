/** The HTTP application: every route there is, in order. */
import { readFile } from 'node:fs/promises'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import { accountRoutes, type Deliver, identify, oauthPlugin } from '#accounts'
import { actionRoutes, type Catalogue } from '#actions'
import { approvalRoutes } from '#approvals'
import { describeRequest, deskRoutes } from '#desk'
import { directoryRoutes, findRequester } from '#directory'
import { sendSignInLink } from '#messages'
import { oktaRoutes } from '#okta'
import { createHttpServer, describeApi, mountApi, type Platform, renderApi } from '#platform'
import { scimBrokenUrls, scimPlugin, scimRoutes } from '#scim'
import { contract } from './contract.ts'

const CONSOLE = new URL('../../web/dist/', import.meta.url)

/**
 * Builds the application. It listens when its caller says so.
 * @param deliver brings sign-in links to their people: by mail, unless a demo prints them
 */
export async function createApp(
  platform: Platform,
  catalogue: Catalogue,
  deliver: Deliver = sendSignInLink,
): Promise<FastifyInstance> {
  const app = await createHttpServer(platform, scimBrokenUrls)

  mountApi(
    app,
    platform,
    {
      accounts: accountRoutes({ deliver, findRequester }),
      directory: directoryRoutes(),
      okta: oktaRoutes(),
      scim: scimRoutes(),
      actions: actionRoutes(catalogue, describeRequest),
      approvals: approvalRoutes(),
      desk: deskRoutes(catalogue),
    },
    (request) => identify(platform, request),
  )

  const document = await describeApi(contract, platform.config.publicUrl)
  app.get('/api/openapi.json', () => document)
  app.get('/api/docs', (_request, reply) => reply.type('text/html; charset=utf-8').send(renderApi(document)))

  await app.register(oauthPlugin, { platform })
  await app.register(scimPlugin, { prefix: '/scim/v2', platform })
  await serveConsole(app)
  return app
}

// Every address that is not the server's belongs to the console, which has routes of its own.
async function serveConsole(app: FastifyInstance): Promise<void> {
  await app.register(fastifyStatic, {
    root: CONSOLE.pathname,
    wildcard: false,
    index: false,
    // Names of assets hold a hash of their content.
    setHeaders: (reply, path) =>
      reply.header(
        'cache-control',
        path.includes('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
      ),
  })
  app.setNotFoundHandler(async (request, reply) => {
    // A page of an earlier build asks for its own files: they are gone, and a page is none of them.
    const wantsPage = request.method === 'GET' && !/^\/(api|scim|assets)\//.test(request.url)
    if (!wantsPage) return reply.status(404).type('application/problem+json').send(NOT_FOUND)
    const page = await readFile(new URL('index.html', CONSOLE)).catch(() => undefined)
    if (!page)
      return reply
        .status(503)
        .send(
          'The console is not built. `npm start` builds it; so does `npm exec -- node tools/build-console.ts`.',
        )
    return reply.type('text/html; charset=utf-8').header('cache-control', 'no-cache').send(page)
  })
}

const NOT_FOUND = JSON.stringify({
  type: 'https://keydesk.invalid/problems/not_found',
  title: 'Not found',
  status: 404,
  code: 'not_found',
  detail: 'There is nothing at this address. /api/docs lists the API.',
})
