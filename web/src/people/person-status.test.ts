import { PERSON_STATUSES } from '@keydesk/server/contract/directory'
import { expect, test } from 'vitest'
import { personState } from './person-status.ts'

test.each(PERSON_STATUSES)('%s has words of its own', (status) => {
  expect(personState(status).hint).not.toContain('Okta says')
})

test('an unknown state is shown as Okta writes it', () => {
  expect(personState('PENDING_REVIEW')).toMatchObject({ label: 'Pending review', tone: 'off' })
})
