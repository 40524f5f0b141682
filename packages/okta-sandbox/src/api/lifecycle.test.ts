import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Client, openSandbox } from '../../test/okta.ts'

let client: Client
beforeAll(async () => {
  client = await openSandbox()
})
afterAll(() => client[Symbol.asyncDispose]())

const STATUSES = [
  'STAGED',
  'PROVISIONED',
  'ACTIVE',
  'PASSWORD_EXPIRED',
  'SUSPENDED',
  'LOCKED_OUT',
  'RECOVERY',
  'DEPROVISIONED',
] as const
type Status = (typeof STATUSES)[number]

/** What each call answers in each status: the status it leads to, or the error it gives. */
const MATRIX: Record<string, Record<Status, string>> = {
  activate: row('E0000016', { STAGED: 'PROVISIONED', DEPROVISIONED: 'PROVISIONED' }),
  reactivate: row('E0000038', { PROVISIONED: 'PROVISIONED', RECOVERY: 'RECOVERY' }),
  deactivate: row('DEPROVISIONED', { DEPROVISIONED: 'E0000038' }),
  suspend: row('E0000001', { ACTIVE: 'SUSPENDED', PROVISIONED: 'SUSPENDED', PASSWORD_EXPIRED: 'SUSPENDED' }),
  unsuspend: row('E0000001', { SUSPENDED: 'ACTIVE' }),
  unlock: row('E0000032', { LOCKED_OUT: 'ACTIVE' }),
  'reset_password?sendEmail=true': row('E0000038', {
    PROVISIONED: 'RECOVERY',
    ACTIVE: 'RECOVERY',
    PASSWORD_EXPIRED: 'RECOVERY',
    LOCKED_OUT: 'RECOVERY',
    RECOVERY: 'RECOVERY',
  }),
  expire_password: row('E0000038', { ACTIVE: 'PASSWORD_EXPIRED', PASSWORD_EXPIRED: 'PASSWORD_EXPIRED' }),
  expire_password_with_temp_password: row('E0000038', {
    ACTIVE: 'PASSWORD_EXPIRED',
    PASSWORD_EXPIRED: 'PASSWORD_EXPIRED',
  }),
  reset_factors: { ...same(), DEPROVISIONED: 'E0000038' },
}

function row(otherwise: string, named: Partial<Record<Status, string>>): Record<Status, string> {
  return {
    ...(Object.fromEntries(STATUSES.map((status) => [status, otherwise])) as Record<Status, string>),
    ...named,
  }
}
function same(): Record<Status, string> {
  return Object.fromEntries(STATUSES.map((status) => [status, status])) as Record<Status, string>
}

async function personIn(status: Status) {
  const hasPassword = !['STAGED', 'PROVISIONED', 'DEPROVISIONED'].includes(status)
  const { body } = await client.control('POST', '/state', {
    op: 'make-user',
    status,
    hasPassword,
    recoveryQuestion: hasPassword,
    factors: hasPassword ? ['push', 'totp'] : [],
  })
  return body
}

const cases = Object.entries(MATRIX).flatMap(([verb, outcomes]) =>
  STATUSES.map((status) => [verb, status, outcomes[status]] as const),
)

test.for(cases)('%s of a user who is %s: %s', async ([verb, status, outcome]) => {
  const user = await personIn(status)

  const reply = await client.okta('POST', `/api/v1/users/${user.id}/lifecycle/${verb}`, {})

  const after = (await client.okta('GET', `/api/v1/users/${user.id}`)).body
  const done = await client.ledger(`?target=${user.id}&kind=user.${verb.split('?')[0]}`)
  if (outcome.startsWith('E')) {
    expect(reply.body).toMatchObject({
      errorCode: outcome,
      errorLink: outcome,
      errorId: expect.stringMatching(/^oae/),
    })
    expect(after.status).toBe(status)
    expect(done).toEqual([])
  } else {
    expect(reply.status).toBe(200)
    expect(after.status).toBe(outcome)
    expect(done).toHaveLength(1)
  }
})

test.for([
  ['STAGED', ['activate']],
  ['PROVISIONED', ['deactivate', 'reactivate', 'resetPassword', 'suspend']],
  [
    'ACTIVE',
    [
      'changePassword',
      'changeRecoveryQuestion',
      'deactivate',
      'expirePassword',
      'forgotPassword',
      'resetFactors',
      'resetPassword',
      'suspend',
    ],
  ],
  [
    'PASSWORD_EXPIRED',
    [
      'changePassword',
      'changeRecoveryQuestion',
      'deactivate',
      'expirePassword',
      'forgotPassword',
      'resetFactors',
      'resetPassword',
      'suspend',
    ],
  ],
  ['SUSPENDED', ['deactivate', 'resetFactors', 'unsuspend']],
  ['LOCKED_OUT', ['deactivate', 'resetFactors', 'resetPassword', 'unlock']],
  ['RECOVERY', ['reactivate', 'resetPassword']],
  ['DEPROVISIONED', ['activate', 'delete']],
] as const)('a user who is %s offers %j', async ([status, relations]) => {
  const user = await personIn(status)
  const offered = Object.keys(user._links).filter((name) => !['self', 'schema', 'type'].includes(name))
  expect(offered.sort()).toEqual([...relations])
})

test('what mail would carry comes back when no mail is wanted', async () => {
  const staged = await personIn('STAGED')
  const active = await personIn('ACTIVE')
  const post = (id: string, path: string) => client.okta('POST', `/api/v1/users/${id}/${path}`, {})

  expect((await post(staged.id, 'lifecycle/activate?sendEmail=false')).body).toEqual({
    activationUrl: expect.stringContaining('/welcome/'),
    activationToken: expect.any(String),
  })
  expect((await post(active.id, 'lifecycle/expire_password_with_temp_password')).body).toEqual({
    tempPassword: expect.any(String),
  })
  expect((await post(active.id, 'lifecycle/reset_password?sendEmail=false')).body).toEqual({
    resetPasswordUrl: expect.any(String),
  })
  expect((await post(active.id, 'lifecycle/reset_password')).body.errorCode).toBe('E0000028')
})

test('resetting the password of a federated user makes them an Okta user', async () => {
  const user = await personIn('ACTIVE')
  await client.control('POST', '/state', { op: 'set-user', user: user.id, provider: 'FEDERATION' })
  await client.okta('POST', `/api/v1/users/${user.id}/lifecycle/reset_password?sendEmail=true`, {})
  expect((await client.okta('GET', `/api/v1/users/${user.id}`)).body.credentials.provider.type).toBe('OKTA')
})

test('deleting deactivates first, and only the second time deletes; both answer 204', async () => {
  const { id } = await personIn('ACTIVE')
  expect((await client.okta('DELETE', `/api/v1/users/${id}`)).status).toBe(204)
  expect((await client.okta('GET', `/api/v1/users/${id}`)).body.status).toBe('DEPROVISIONED')
  expect((await client.okta('DELETE', `/api/v1/users/${id}`)).status).toBe(204)
  expect((await client.okta('GET', `/api/v1/users/${id}`)).body.errorCode).toBe('E0000007')
})

test('one factor can go, and all can', async () => {
  const { body: factors } = await client.okta('GET', '/api/v1/users/ada.kingsley/factors')
  expect(factors.map((factor: { factorType: string }) => factor.factorType)).toEqual([
    'push',
    'token:software:totp',
    'sms',
  ])
  const gone = await client.okta('DELETE', `/api/v1/users/ada.kingsley/factors/${factors[0].id}`)
  expect(gone.status).toBe(204)
  expect((await client.okta('GET', '/api/v1/users/ada.kingsley/factors')).body).toHaveLength(2)
})

test('a deactivation asked for asynchronously is seen on its way', async () => {
  const { id } = await personIn('ACTIVE')
  await client.okta('POST', `/api/v1/users/${id}/lifecycle/deactivate`, {}, { prefer: 'respond-async' })
  const seen = async () => (await client.okta('GET', `/api/v1/users/${id}`)).body
  expect(await seen()).toMatchObject({ status: 'ACTIVE', transitioningToStatus: 'DEPROVISIONED' })
  await seen()
  expect(await seen()).toMatchObject({ status: 'DEPROVISIONED' })
})

test('revoking sessions is an effect that leaves the user as they are', async () => {
  const { id } = await personIn('ACTIVE')
  expect((await client.okta('DELETE', `/api/v1/users/${id}/sessions?oauthTokens=true`)).status).toBe(204)
  const [entry] = await client.ledger(`?target=${id}&kind=user.revoke_sessions`)
  expect(entry?.detail).toEqual({ oauthTokens: true, forgetDevices: true })
})
