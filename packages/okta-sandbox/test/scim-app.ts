/** The app on the other side: a SCIM server just good enough to answer, which writes down what it was sent. */
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { Json } from './okta.ts'

type Received = { method: string; path: string; headers: IncomingHttpHeaders; body: Json }
type Refusal = {
  status: number
  body?: unknown
  headers?: Record<string, string>
  times: number
  method: string
}

export type ScimApp = {
  url: string
  received: Received[]
  users: Map<string, Json>
  groups: Map<string, Json>
  refuse(
    method: string,
    status: number,
    body?: unknown,
    headers?: Record<string, string>,
    times?: number,
  ): void
  /** What arrived since the last look, as "METHOD path". */
  heard(): string[]
  [Symbol.asyncDispose](): Promise<void>
}

export async function openScimApp(): Promise<ScimApp> {
  const received: Received[] = []
  const tables = { Users: new Map<string, Json>(), Groups: new Map<string, Json>() }
  const refusals: Refusal[] = []
  let made = 0
  let looked = 0

  const server = createServer(async (request, response) => {
    const text = (await request.toArray()).join('')
    const url = new URL(request.url ?? '', 'http://app')
    const body = text ? JSON.parse(text) : undefined
    const method = request.method ?? ''
    received.push({
      method,
      path: decodeURIComponent((request.url ?? '').replace('/scim/v2', '')),
      headers: request.headers,
      body,
    })
    const answer = (status: number, json?: unknown, headers: Record<string, string> = {}) =>
      response
        .writeHead(status, { 'content-type': 'application/scim+json', ...headers })
        .end(json && JSON.stringify(json))

    const refusal = refusals.find((one) => one.method === method && one.times > 0)
    if (refusal) {
      refusal.times -= 1
      return void answer(refusal.status, refusal.body, refusal.headers)
    }
    const [, , , kind = 'Users', id] = url.pathname.split('/')
    const table = tables[kind as 'Users' | 'Groups']
    if (id === undefined && method === 'GET') return void answer(200, list(table, url.searchParams))
    if (id === undefined) {
      made += 1
      const key = kind === 'Users' ? 'userName' : 'displayName'
      if ([...table.values()].some((row) => row[key] === body[key]))
        return void answer(409, { detail: 'Already there.' })
      const row = {
        ...body,
        id: `${kind[0]?.toLowerCase()}${made}`,
        meta: { resourceType: kind.slice(0, -1) },
      }
      table.set(row.id, row)
      return void answer(201, row)
    }
    const row = table.get(id)
    if (!row) return void answer(404, { detail: `There is no ${id}.` })
    if (method === 'PUT') table.set(id, { ...body, id })
    if (method === 'DELETE') table.delete(id)
    answer(
      method === 'DELETE' || method === 'PATCH' ? 204 : 200,
      method === 'GET' || method === 'PUT' ? table.get(id) : undefined,
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  return {
    url: `http://127.0.0.1:${port}/scim/v2`,
    received,
    users: tables.Users,
    groups: tables.Groups,
    refuse: (method, status, body, headers = {}, times = 1) =>
      refusals.push({ method, status, body, headers, times }),
    heard: () => {
      const news = received.slice(looked)
      looked = received.length
      return news.map(({ method, path }) => `${method} ${path}`)
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

function list(table: Map<string, Json>, query: URLSearchParams) {
  const [, key = '', wanted] = query.get('filter')?.match(/^(\w+) eq "(.*)"$/) ?? []
  const found = [...table.values()].filter((row) => key === '' || row[key] === wanted)
  const startIndex = Number(query.get('startIndex') ?? 1)
  const Resources = found.slice(startIndex - 1, startIndex - 1 + Number(query.get('count') ?? 100))
  return { totalResults: found.length, startIndex, itemsPerPage: Resources.length, Resources }
}
