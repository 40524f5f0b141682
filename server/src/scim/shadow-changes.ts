/** What a connection did to members in its shadow, told from what others did in the workspace meanwhile. */
import { isDeepStrictEqual } from 'node:util'
import type { Tx } from '#platform'
import * as store from './shadow.store.ts'

const AT_ONCE = 500

/** What becomes of one member. `real` is the member in the workspace now, and `target` what it would be. */
export type MemberChange =
  | { kind: 'deleted'; real: store.RealMember }
  | { kind: 'created'; row: store.ShadowMember }
  | { kind: 'changed'; row: store.ShadowMember; real: store.RealMember | undefined; target: store.Content }

/**
 * What a connection did to members, page by page: first those it deleted, then those it changed, then those
 * it created. Members whom no provider may reach by now are left out.
 */
export async function* memberChanges(tx: Tx, shadow: string): AsyncGenerator<MemberChange[]> {
  const gone = await store.within(tx, shadow, (there) => store.listGone(there, 'member'))
  for (let at = 0; at < gone.length; at += AT_ONCE) {
    const real = await store.findMembers(tx, gone.slice(at, at + AT_ONCE))
    yield [...real.values()]
      .filter(({ isHidden }) => !isHidden)
      .map((one) => ({ kind: 'deleted', real: one }))
  }
  for await (const rows of touched(tx, shadow, 'changed')) {
    const now = await store.findMembers(
      tx,
      rows.map(({ id }) => id),
    )
    yield rows
      .map((row) => {
        const real = now.get(row.id)
        return { kind: 'changed' as const, row, real, target: targetOf(row, real) }
      })
      .filter(({ real }) => !real?.isHidden)
  }
  for await (const rows of touched(tx, shadow, 'created'))
    yield rows.map((row) => ({ kind: 'created' as const, row }))
}

async function* touched(
  tx: Tx,
  shadow: string,
  which: 'created' | 'changed',
): AsyncGenerator<store.ShadowMember[]> {
  for (let after = ''; ; ) {
    const rows = await store.within(tx, shadow, (there) =>
      store.listTouched(there, which, { after, limit: AT_ONCE }),
    )
    const last = rows.at(-1)
    if (!last) return
    yield rows
    after = last.id
  }
}

const FIELDS = [
  'userName',
  'email',
  'displayName',
  'title',
  'active',
  'externalId',
  'scim',
  'defaultRoleId',
] as const satisfies (keyof store.Content)[]

/** What the connection changed, on top of what the member is in the workspace by now. */
function targetOf(row: store.ShadowMember, real: store.RealMember | undefined): store.Content {
  const { was } = row
  if (!was || !real) return row
  const own = FIELDS.map((field) => {
    const isTheirs = !isDeepStrictEqual(row[field], was[field])
    return [field, isTheirs ? row[field] : real[field]]
  })
  return Object.fromEntries(own) as unknown as store.Content
}
