/** The admin page: one file, filled in with the credentials, the rest asked for by its script. */
import { readFileSync } from 'node:fs'
import { credentialsOf } from '../control/credentials.ts'
import type { Answer, Call, Route } from '../world.ts'

export const adminRoutes: Route[] = [
  { method: 'GET', path: '/admin', scope: null, handler: page },
  {
    method: 'GET',
    path: '/',
    scope: null,
    handler: () => ({ status: 302, headers: { location: '/admin' }, body: '' }),
  },
]

function page(call: Call): Answer {
  const html = readFileSync(new URL('./admin.html', import.meta.url), 'utf8')
  const { org } = call
  const shown = { ...credentialsOf(call.world, call.base), org: org.domain }
  const data = JSON.stringify(shown).replaceAll('<', '\\u003c')
  const headers = {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy':
      "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'",
  }
  return { body: html.replace('"{{credentials}}"', () => data).replaceAll('{{org}}', org.domain), headers }
}
