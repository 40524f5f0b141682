import { expect, test } from 'vitest'
import { keysOf } from './keys.ts'

test('an import touches what Okta shows and what the directory shows', () => {
  expect(keysOf('okta.import.progress')).toEqual(['okta', 'directory'])
  expect(keysOf('okta.connection.checked')).toEqual(['okta'])
})

test('an action is seen in its request too', () => {
  expect(keysOf('action.acked')).toContain('desk')
})

test('a provisioned member is seen in the connection too', () => {
  expect(keysOf('member.deactivated')).toEqual(['accounts', 'scim'])
  expect(keysOf('scim.called')).toEqual(['scim'])
})

test('an unknown event touches everything', () => {
  expect(keysOf('weather.changed')).toHaveLength(7)
})
