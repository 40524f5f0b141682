/**
 * The load: a process of its own that keeps 16 connections busy, one request at a time on each. It speaks
 * HTTP/1.1 on bare sockets, because on two cores a costly client would measure itself.
 */
import { connect } from 'node:net'
import { rows } from './rows.mjs'

const HEAD_END = Buffer.from('\r\n\r\n')
/** Targets by name; where each connection of a target is in a row, by target, row and lane. */
const targets = new Map()
const turns = new Map()

process.on('message', async (message) => {
  const { call, ...args } = message
  try {
    process.send({ call, result: await verbs[message.verb](args) })
  } catch (error) {
    process.send({ call, error: error instanceof Error ? error.stack : String(error) })
  }
})
process.on('disconnect', () => process.exit())

const verbs = {
  async know({ name, target }) {
    targets.set(name, target)
  },
  async forget({ name }) {
    targets.delete(name)
  },
  probe,
  measure,
}

/**
 * Asks once, and looks into the answer.
 * @returns {Promise<{ seconds: number, problem: string | undefined }>}
 */
async function probe({ name, row, times = 1, timeoutMs = 60_000 }) {
  const target = targets.get(name)
  let problem
  const began = performance.now()
  const line = openLine(target)
  const timer = setTimeout(() => line.close(new Error(`no answer in ${timeoutMs / 1000} s`)), timeoutMs)
  try {
    for (let time = 0; time < times && !problem; time++) {
      const { request, bytes } = nextRequest(name, target, row, 0, 16)
      const answer = await line.ask(bytes, true)
      problem = problemIn(answer, row, request)
    }
  } catch (error) {
    problem = error.message
  } finally {
    clearTimeout(timer)
    line.close()
  }
  return { seconds: (performance.now() - began) / 1000 / times, problem }
}

function problemIn({ status, text }, row, request) {
  if (status < 200 || status > 299) return `${status} ${text.slice(0, 300)}`
  return rows[row].check({ status, body: text === '' ? undefined : JSON.parse(text) }, request)
}

/**
 * Sends for a time and counts the answers that came within it.
 * @returns {Promise<{ count: number, refused: number, seconds: number, p50Ms: number, p99Ms: number, refusal?: string }>}
 */
async function measure({ name, row, seconds, lanes }) {
  const target = targets.get(name)
  const latencies = []
  let refused = 0
  let refusal
  const lines = Array.from({ length: lanes }, () => openLine(target))
  await Promise.all(lines.map((line) => line.opened))
  const began = performance.now()
  const endsAt = began + seconds * 1000
  await Promise.all(
    lines.map(async (line, lane) => {
      for (let now = performance.now(); now < endsAt; ) {
        const { bytes } = nextRequest(name, target, row, lane, lanes)
        const asked = now
        const answer = await line.ask(bytes, false)
        now = performance.now()
        if (answer.status < 200 || answer.status > 299) {
          refused++
          refusal ??= `${answer.status} ${answer.text.slice(0, 300)}`
        }
        if (now <= endsAt) latencies.push(now - asked)
      }
    }),
  )
  for (const line of lines) line.close()
  latencies.sort((a, b) => a - b)
  const at = (share) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0
  return { count: latencies.length, refused, refusal, seconds, p50Ms: at(0.5), p99Ms: at(0.99) }
}

function nextRequest(name, target, row, lane, lanes) {
  const key = `${name} ${row} ${lane}`
  const turn = turns.get(key) ?? 0
  turns.set(key, turn + 1)
  const request = rows[row].next(target, turn, lane, lanes)
  const text = request.body === undefined ? '' : JSON.stringify(request.body)
  const head = `${request.method} ${target.path}${request.path} HTTP/1.1\r\nHost: 127.0.0.1:${target.port}\r\nAuthorization: ${target.authorization}\r\nAccept: application/scim+json\r\n`
  const type = text === '' ? '' : `Content-Type: application/scim+json\r\nContent-Length: ${text.length}\r\n`
  return { request, bytes: `${head}${type}\r\n${text}` }
}

/** One connection: a request, then its answer, then the next. */
function openLine({ port }) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  let waiting
  let kept = Buffer.alloc(0)
  let wantsText = false
  const fail = (error) => {
    socket.destroy()
    waiting?.reject(error ?? new Error('the server closed the connection'))
    waiting = undefined
  }
  socket.on('error', fail)
  socket.on('close', () => fail())
  socket.on('data', (chunk) => {
    kept = kept.length === 0 ? chunk : Buffer.concat([kept, chunk])
    const answer = readAnswer(kept, wantsText)
    if (!answer) return
    kept = Buffer.alloc(0)
    const { resolve } = waiting
    waiting = undefined
    resolve(answer)
  })
  return {
    opened: new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject)),
    ask(bytes, text) {
      wantsText = text
      return new Promise((resolve, reject) => {
        waiting = { resolve, reject }
        socket.write(bytes, 'latin1')
      })
    },
    close: fail,
  }
}

/** @returns the answer when all of it is there; its text only when it is asked for, or is an error */
function readAnswer(bytes, wantsText) {
  const end = bytes.indexOf(HEAD_END)
  if (end < 0) return undefined
  const head = bytes.latin1Slice(0, end).toLowerCase()
  const status = Number(head.slice(9, 12))
  const start = end + 4
  const length = /\r\ncontent-length: *(\d+)/.exec(head)?.[1]
  const chunked = length === undefined && head.includes('\r\ntransfer-encoding: chunked')
  const body = chunked
    ? unchunk(bytes, start)
    : bytes.length - start >= Number(length ?? 0)
      ? [bytes.subarray(start)]
      : undefined
  if (!body) return undefined
  return { status, text: wantsText || status > 299 ? Buffer.concat(body).toString() : '' }
}

function unchunk(bytes, start) {
  const parts = []
  for (let at = start; ; ) {
    const lineEnd = bytes.indexOf('\r\n', at)
    if (lineEnd < 0) return undefined
    const size = Number.parseInt(bytes.latin1Slice(at, lineEnd), 16)
    at = lineEnd + 2
    if (bytes.length < at + size + 2) return undefined
    if (size === 0) return parts
    parts.push(bytes.subarray(at, at + size))
    at += size + 2
  }
}
