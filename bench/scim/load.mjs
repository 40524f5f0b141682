/**
 * The load: a process of its own that keeps 16 connections busy, one request at a time on each. It speaks
 * HTTP/1.1 on bare sockets, because on two cores a costly client would measure itself.
 */
import { once } from 'node:events'
import { connect } from 'node:net'
import { rows } from './rows.mjs'

/** In one round; a server that is gone would be asked for ever. */
const MOST_REFUSED = 10_000
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
 * @returns {Promise<{ seconds: number, problem?: string, timedOut?: boolean }>} seconds for each request
 */
async function probe({ name, row, times = 1, timeoutMs }) {
  const target = targets.get(name)
  let problem
  let timedOut = false
  const began = performance.now()
  const line = openLine(target)
  const timer = setTimeout(() => {
    timedOut = true
    line.close(new Error(`no answer within ${timeoutMs / 1000} s`))
  }, timeoutMs)
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
  return { seconds: (performance.now() - began) / 1000 / times, problem, timedOut }
}

function problemIn({ status, text }, row, request) {
  if (status < 200 || status > 299) return `${status} ${text.slice(0, 300)}`
  return rows[row].check({ status, body: text === '' ? undefined : JSON.parse(text) }, request)
}

/**
 * Sends for a time and counts the answers that came within it. Where each connection had not even one,
 * it goes on for up to four times as long.
 * @returns {Promise<{ count: number, refused: number, seconds: number, p50Ms: number, p99Ms: number, refusal?: string }>}
 *   `seconds` is the time in which the answers came
 */
async function measure({ name, row, seconds, lanes }) {
  const target = targets.get(name)
  const latencies = []
  let refused = 0
  let refusal
  const lines = Array.from({ length: lanes }, () => openLine(target))
  await Promise.all(lines.map((line) => line.opened()))
  const began = performance.now()
  const endsAt = began + seconds * 1000
  const isOver = (now) => now > endsAt && (latencies.length >= lanes || now > endsAt + seconds * 3000)
  let lastAt = endsAt
  await Promise.all(
    lines.map(async (_, lane) => {
      for (let now = began; !isOver(now); ) {
        const { bytes } = nextRequest(name, target, row, lane, lanes)
        const asked = now
        const problem = await askIn(lines, lane, target, bytes)
        now = performance.now()
        if (problem) {
          refused++
          refusal ??= problem
          if (refused > MOST_REFUSED) throw new Error(`${name} refuses too much of ${row}: ${problem}`)
        } else if (!isOver(now)) {
          latencies.push(now - asked)
          lastAt = Math.max(lastAt, now)
        }
      }
    }),
  )
  for (const line of lines) line.close()
  latencies.sort((a, b) => a - b)
  const at = (share) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0
  const took = (lastAt - began) / 1000
  return { count: latencies.length, refused, refusal, seconds: took, p50Ms: at(0.5), p99Ms: at(0.99) }
}

/** @returns what is wrong, if anything; a connection that broke is replaced */
async function askIn(lines, lane, target, bytes) {
  try {
    const { status, text } = await lines[lane].ask(bytes, false)
    return status < 200 || status > 299 ? `${status} ${text.slice(0, 300)}` : undefined
  } catch (error) {
    lines[lane] = openLine(target)
    return error.message
  }
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
    opened: () => once(socket, 'connect'),
    ask(bytes, text) {
      wantsText = text
      return new Promise((resolve, reject) => {
        if (socket.destroyed) return reject(new Error('the server closed the connection'))
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
