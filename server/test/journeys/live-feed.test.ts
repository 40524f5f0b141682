/** The live feed: what changes is told as it changes, to those who may know it, from where they left off. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Caller, type Json, openWorld, until, type World } from '../world.ts'

let world: World
let sam: Caller
let ada: Caller
let grace: Caller

beforeAll(async () => {
  world = await openWorld()
  await world.invite('sam.okafor@acme.example', 'Owner')
  sam = await world.signIn('sam.okafor@acme.example')
  ada = await world.signIn('ada.kingsley@acme.example')
  grace = await world.signIn('grace.moreau@acme.example')
})
afterAll(() => world.close())

interface Feed {
  hints: { id: string | undefined; type: string }[]
  ended: boolean
  close(): void
}

/** Reads server-sent events as they come. */
async function listen(caller: Caller, lastEventId?: string): Promise<Feed> {
  const stop = new AbortController()
  const answer = await fetch(`${world.url}/api/v1/events/stream`, {
    headers: { ...caller.headers, ...(lastEventId ? { 'last-event-id': lastEventId } : {}) },
    signal: stop.signal,
  })
  expect(answer.headers.get('content-type')).toContain('text/event-stream')
  const feed: Feed = { hints: [], ended: false, close: () => stop.abort() }
  const read = async () => {
    let text = ''
    for await (const chunk of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += chunk
      const blocks = text.split('\n\n')
      text = blocks.pop() ?? ''
      for (const block of blocks) {
        const data = /^data: (.*)$/m.exec(block)?.[1]
        if (data && block.includes('event: message'))
          feed.hints.push({ id: /^id: (.*)$/m.exec(block)?.[1], type: JSON.parse(data).type })
      }
    }
  }
  read()
    .catch(() => {})
    .finally(() => {
      feed.ended = true
    })
  return feed
}

async function ask(): Promise<void> {
  const services = (await ada.get('/api/v1/services')).body.items as Json[]
  const serviceId = services.find((one) => one.key === 'something-else').id
  expect((await ada.post('/api/v1/requests', { serviceId, answers: { subject: 'Help' } })).status).toBe(201)
}

test('a change is told at once to those it concerns and to the desk, and to nobody else', async () => {
  const [desk, own, other] = [await listen(sam), await listen(ada), await listen(grace)]

  await ask()

  const heard = (feed: Feed) => feed.hints.some(({ type }) => type === 'request.submitted')
  await until(async () => heard(desk) && heard(own))
  // What Grace hears next is of her own: nothing of Ada's stands before it.
  await world.signIn('grace.moreau@acme.example')
  await until(async () => other.hints.length > 0)
  expect(heard(other)).toBe(false)
  for (const feed of [desk, own, other]) feed.close()
})

test('a reader who was away is told what was missed, from the line he saw last', async () => {
  const first = await listen(sam)
  await ask()
  await until(async () => first.hints.length > 0)
  const seen = first.hints[0]?.id
  first.close()
  await ask()
  await ask()

  const again = await listen(sam, seen)

  await until(async () => again.hints.filter(({ type }) => type === 'request.submitted').length === 2)
  again.close()
})

test('the feed of a member who is deactivated ends', async () => {
  const memberId = await world.invite('agent@acme.example', 'Agent')
  const feed = await listen(await world.signIn('agent@acme.example'))

  await sam.put(`/api/v1/members/${memberId}/deactivation`, {})

  await until(async () => feed.ended)
  expect(feed.hints.map(({ type }) => type)).not.toContain('member.deactivated')
})
