import { expect, test } from 'vitest'
import { findUser, groupsOf, rows } from '../org.ts'
import { seedOrg } from './seed.ts'

test('the same seed makes the same people, and a small organisation is the beginning of a big one', () => {
  const small = rows(seedOrg('acme', 300).users)
  const big = rows(seedOrg('acme', 900).users)
  expect(big.slice(0, 300)).toEqual(small)
  expect(rows(seedOrg('globex', 10).users)[5]?.id).not.toBe(small[5]?.id)
})

test('ids have the form of Okta and are never given twice', () => {
  const org = seedOrg('acme', 2000)
  const ids = [org.users, org.groups, org.apps].flatMap((table) => [...table.byId.keys()])
  expect(new Set(ids).size).toBe(ids.length)
  for (const id of ids) expect(id).toMatch(/^(00u|00g|0oa)[0-9A-Za-z]{17}$/)
})

test('the cast is as the journeys know it', () => {
  const org = seedOrg('acme', 20)
  for (const login of ['ada.kingsley', 'grace.moreau', 'sam.okafor', 'noor.haddad'])
    expect(findUser(org, `${login}@acme.example`)?.status).toBe('ACTIVE')
  const ada = findUser(org, 'ada.kingsley')
  expect(ada?.factors).toHaveLength(3)
  expect(ada?.provider).toBe('OKTA')
  expect(ada && groupsOf(org, ada.id).map(({ name }) => name)).toEqual(
    expect.arrayContaining(['Everyone', 'Engineering']),
  )
  const noor = findUser(org, 'noor.haddad')
  expect(org.appUsers.get(org.keydeskApp)?.has(noor?.id ?? '') ?? false).toBe(false)
})

test('every status, provider and kind of group occurs, and logins are one of a kind', () => {
  const org = seedOrg('acme', 500)
  const people = rows(org.users)
  expect(new Set(people.map(({ status }) => status)).size).toBe(8)
  expect(new Set(people.map(({ provider }) => provider))).toEqual(
    new Set(['OKTA', 'ACTIVE_DIRECTORY', 'FEDERATION', 'IMPORT']),
  )
  expect(new Set(rows(org.groups).map(({ type }) => type)).size).toBe(3)
  expect(org.logins.size).toBe(500)
  for (const { profile } of people) expect(profile['email']).toMatch(/^[a-z0-9.-]+@acme\.example$/)
  expect(people.some(({ profile }) => /[^\u0020-\u007f]/.test(String(profile['lastName'])))).toBe(true)
})

test('managers are written in all three ways and form a tree', () => {
  const org = seedOrg('acme', 500)
  const forms = new Set<string>()
  for (const { ordinal, profile } of rows(org.users)) {
    const managerId = profile['managerId']
    if (typeof managerId !== 'string') continue
    const manager = findUser(org, managerId)
    expect(manager?.ordinal).toBeLessThan(ordinal)
    forms.add(managerId.startsWith('00u') ? 'id' : 'address')
  }
  expect(forms).toEqual(new Set(['id', 'address']))
})
