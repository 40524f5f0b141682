import type { Resource, ResourceType } from '@keydesk/scim'
import { expect } from 'vitest'
import { transact } from '#platform'
import { userTypeOf } from './extension-schemas.ts'
import { endShadow, startShadow } from './shadow.ts'
import { type Body, type Client, create, oktaUser, patchOf, USER } from './test-client.ts'
import { type Desk, test } from './test-desk.ts'
import { profileOf } from './user-resource.ts'

const ID = 'urn:acme:params:scim:schemas:extension:office:2.0:User'
const OFFICE = { id: ID, name: 'Office', description: '', attributes: [{ name: 'badge' }] }

const addOffice = async (desk: Desk) =>
  expect((await desk.call('POST', '/scim-schemas', OFFICE)).status).toBe(201)
const removeOffice = (desk: Desk) => desk.call('DELETE', `/scim-schemas/${encodeURIComponent(ID)}`)

function inOffice(userName: string) {
  return { ...oktaUser(userName), schemas: [USER, ID], [ID]: { badge: '7' } }
}

/** Writes a user as a process does that goes by this type. */
function writeBy(type: ResourceType, { ctx }: Client, id: string, resource: Resource): Promise<unknown> {
  const { scim, rendered } = profileOf(resource, type)
  return transact(ctx, (tx) =>
    tx.db
      .updateTable('members')
      .set({ scim: JSON.stringify(scim), rendered })
      .where('id', '=', id)
      .execute(),
  )
}

/** A user as the list has it, and as it is alone; both must say the same. */
async function shown(scim: Client, id: string): Promise<Body> {
  const alone = await scim.send('GET', `/Users/${id}`)
  const { body } = await scim.send('GET', '/Users')
  expect(body.Resources.find((one: Body) => one.id === id)).toEqual(alone.body)
  expect(body.Resources).toHaveLength(body.itemsPerPage)
  return alone.body
}

test('what a process writes by a schema that was removed meanwhile is not shown', async ({ desk, scim }) => {
  await addOffice(desk)
  const before = await userTypeOf(scim.ctx.platform, scim.ctx.tenantId)
  const ada = await create(scim, 'ada.king@acme.example')
  const ben = await create(scim, 'ben.okafor@acme.example')
  await removeOffice(desk)
  await writeBy(before, scim, ben.id, { ...ben, schemas: [USER, ID], [ID]: { badge: '7' } })

  expect(await shown(scim, ben.id)).toMatchObject({ userName: 'ben.okafor@acme.example', schemas: [USER] })
  expect(await shown(scim, ben.id)).not.toHaveProperty([ID])
  expect((await shown(scim, ada.id)).userName).toBe('ada.king@acme.example')
})

test('what a process writes before it knows of a schema is shown with it', async ({ desk, scim }) => {
  const before = await userTypeOf(scim.ctx.platform, scim.ctx.tenantId)
  await addOffice(desk)
  const { body: ada } = await scim.send('POST', '/Users', inOffice('ada.king@acme.example'))
  await writeBy(before, scim, ada.id, { ...ada, title: 'Lead' })

  expect(await shown(scim, ada.id)).toMatchObject({ title: 'Lead', [ID]: { badge: '7' } })
})

test('a schema that is removed during shadow mode is shown neither there nor after it', async ({
  ctx,
  desk,
  scim,
}) => {
  await addOffice(desk)
  const { body: ada } = await scim.send('POST', '/Users', inOffice('ada.king@acme.example'))
  await startShadow(ctx, scim.serviceUserId)
  await scim.send('PATCH', `/Users/${ada.id}`, patchOf({ op: 'replace', path: 'title', value: 'Lead' }))
  const { body: eve } = await scim.send('POST', '/Users', inOffice('eve.adams@acme.example'))
  expect(await shown(scim, ada.id)).toHaveProperty([ID])
  await removeOffice(desk)

  for (const id of [ada.id, eve.id]) expect(await shown(scim, id)).not.toHaveProperty([ID])
  await endShadow(ctx, scim.serviceUserId, true)
  for (const id of [ada.id, eve.id]) expect(await shown(scim, id)).not.toHaveProperty([ID])
  expect((await shown(scim, ada.id)).title).toBe('Lead')
})
