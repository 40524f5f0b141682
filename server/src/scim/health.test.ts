import { expect, test } from 'vitest'
import { type HealthFacts, healthOf } from './health.ts'

const NOW = new Date('2026-05-03T12:00:00Z')
const MINUTES = 60
const HOURS = 3600
const DAYS = 86_400

function facts({ ago, ...more }: Partial<HealthFacts> & { ago?: number }): HealthFacts {
  return {
    now: NOW,
    client: 'Okta',
    credential: 'live',
    lastCallAt: ago === undefined ? null : new Date(NOW.getTime() - ago * 1000),
    usualGapSeconds: null,
    last: [{ method: 'GET', status: 200, held: false, because: '' }],
    strangers: 0,
    ...more,
  }
}

const refused = (count: number) =>
  Array.from({ length: count }, () => ({
    method: 'GET',
    status: 401,
    held: false,
    because: 'the token has expired.',
  }))
const fine = { method: 'GET', status: 200, held: false, because: '' }

test.for([
  [{ credential: 'none' }, 'no_credential', /no token yet\. Create one and put it into Okta/],
  [{ credential: 'expired', ago: 60 }, 'no_credential', /has expired.*nobody is provisioned/],
  [{ credential: 'revoked', ago: 60 }, 'no_credential', /Every token was revoked/],
  [{}, 'waiting', /^No call yet\. Put the base URL and the token into Okta/],
  [{ strangers: 3 }, 'waiting', /but 3 calls without one within the last hour: compare the token/],
  [{ ago: 5 }, 'ok', /^Last call just now\.$/],
  [
    { ago: 3 * MINUTES, usualGapSeconds: 40 * MINUTES },
    'ok',
    /^Last call 3 min ago; usually every 40 min\.$/,
  ],
  [{ ago: 23 * HOURS, usualGapSeconds: 40 * MINUTES }, 'ok', /^Last call 23 h ago; usually every 40 min\.$/],
  [
    { ago: 26 * HOURS, usualGapSeconds: 40 * MINUTES },
    'quiet',
    /^No call for 26 h; usually every 40 min: check that provisioning is on in Okta\.$/,
  ],
  [{ ago: 5 * DAYS, usualGapSeconds: 2 * DAYS }, 'ok', /^Last call 5 days ago; usually every 2 days\.$/],
  [{ ago: 9 * DAYS, usualGapSeconds: 2 * DAYS }, 'quiet', /^No call for 9 days; usually every 2 days/],
  [{ ago: 6 * DAYS }, 'ok', /^Last call 6 days ago\.$/],
  [{ ago: 8 * DAYS }, 'quiet', /^No call for 8 days: check/],
  [{ ago: 60, last: refused(5) }, 'failing', /^The last 5 calls were refused: the token has expired\.$/],
  [{ ago: 60, last: refused(9) }, 'failing', /^The last 5 calls were refused/],
  [{ ago: 60, last: refused(5).map((call) => ({ ...call, held: true })) }, 'ok', /^Last call/],
  [{ ago: 60, last: refused(1) }, 'failing', /^The only call was refused/],
  [{ ago: 60, last: [...refused(4), fine] }, 'ok', /^Last call 1 min ago/],
  // Whoever asks for a person who is not here yet has no trouble.
  [{ ago: 60, last: [{ method: 'GET', status: 404, held: false, because: 'x' }] }, 'ok', /^Last call/],
  [
    { ago: 60, last: [{ method: 'PATCH', status: 404, held: false, because: 'Ada is not here.' }] },
    'failing',
    /Ada is not here/,
  ],
] as const)('%j is %s', ([given, state, sentence]) => {
  const health = healthOf(facts(given as Partial<HealthFacts>))

  expect(health.state).toBe(state)
  expect(health.sentence).toMatch(sentence)
})
