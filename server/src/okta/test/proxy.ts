/** A wire between Keydesk and the sandbox that a test can tamper with, and a place nothing must reach. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

interface Reply {
  status: number
  headers: Record<string, string>
  body: Buffer
}

export interface Proxy extends AsyncDisposable {
  url: string
  /** Method and address of every call, in order. */
  seen: string[]
  /** Changes an answer on its way back. */
  tamper: (request: IncomingMessage, reply: Reply) => void
}

export async function openProxy(target: string): Promise<Proxy> {
  const proxy = { seen: [] as string[], tamper: (() => {}) as Proxy['tamper'] }
  const server = createServer(async (request, response) => {
    proxy.seen.push(`${request.method} ${request.url}`)
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const reply = await forward(target, request, Buffer.concat(chunks))
    proxy.tamper(request, reply)
    response.writeHead(reply.status, reply.headers).end(reply.body)
  })
  return Object.assign(proxy, { url: await listen(server), [Symbol.asyncDispose]: () => close(server) })
}

/** A server that only remembers what was sent to it. */
export async function openSink(answer = ''): Promise<{ url: string; seen: string[] } & AsyncDisposable> {
  const seen: string[] = []
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url} ${JSON.stringify(request.headers)}`)
    response.end(answer)
  })
  return { url: await listen(server), seen, [Symbol.asyncDispose]: () => close(server) }
}

// The Host header is kept, so that the sandbox's links and audiences lead back through here.
async function forward(target: string, request: IncomingMessage, body: Buffer): Promise<Reply> {
  const { request: send } = await import('node:http')
  const call = send(new URL(request.url ?? '/', target), { method: request.method, headers: request.headers })
  call.end(body)
  const [answer] = (await once(call, 'response')) as [IncomingMessage]
  const chunks: Buffer[] = []
  for await (const chunk of answer) chunks.push(chunk as Buffer)
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(answer.headers))
    if (value !== undefined && name !== 'transfer-encoding') headers[name] = String(value)
  return { status: answer.statusCode ?? 0, headers, body: Buffer.concat(chunks) }
}

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
}
