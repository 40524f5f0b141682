/**
 * Writing groups. Members change as rows, under the lock of the role's row, never as a list that is
 * written back; and what one connection asks of one group at the same moment is one change.
 */
import { ScimError } from '@keydesk/scim'
import {
  changeRoleMembers,
  findHolders,
  lockNamed,
  type Provisioner,
  type RoleRow,
  touchRoles,
} from '#accounts'
import type { Tx } from '#platform'
import { type CutInput, checkBrakes } from './brake.ts'
import type { NetChange } from './group-resource.ts'

/** What became of one wish for members. */
export type MembersOutcome = { skipped: string[] } | Error

/**
 * Brings the members of a locked role to what is wished, wish after wish.
 * @returns for each wish what was left out, by the connection's choice, or why it was not granted; a wish
 *   that is not granted changes nothing
 */
export async function changeMembers(
  tx: Tx,
  by: Provisioner,
  role: RoleRow,
  wishes: readonly NetChange[],
  isReleased: boolean,
): Promise<MembersOutcome[]> {
  const named = new Set(wishes.flatMap(({ add, remove }) => [...add, ...remove]))
  for (const wish of wishes) for (const id of await leaving(tx, role, wish)) named.add(id)
  const known = await lockNamed(tx, role, [...named])
  const wanted = wishes.map(({ from, add, remove }) => ({
    from,
    add: new Set([...add].filter((id) => known.has(id))),
    remove,
  }))
  const outcomes: MembersOutcome[] = wishes.map(({ add }) => {
    const unknown = [...add].filter((id) => !known.has(id))
    const isRefused = unknown.length > 0 && by.settings.unknownMembers === 'refuse'
    return isRefused ? unknownMembers(unknown) : { skipped: unknown }
  })
  const isOpen = (at: number) => !isReleased && !(outcomes[at] instanceof Error)
  const cuts = await cutsOf(
    tx,
    role,
    wanted.map((wish, at) => (isOpen(at) ? wish : undefined)),
  )
  const held = await checkBrakes(tx, by, cuts)
  held.forEach((error, at) => {
    if (error) outcomes[at] = error
  })
  const granted = wanted.filter((_, at) => !(outcomes[at] instanceof Error))
  if (await apply(tx, by, role, granted)) await touchRoles(tx, [role.id])
  return outcomes
}

/** Whom a whole replacement takes the role from. */
async function leaving(tx: Tx, role: RoleRow, { from, add }: NetChange): Promise<string[]> {
  if (from === 'members') return []
  return (await findHolders(tx, role, { allBut: [...add] })).map(({ id }) => id)
}

async function apply(tx: Tx, by: Provisioner, role: RoleRow, wishes: readonly NetChange[]): Promise<boolean> {
  const add = new Set<string>()
  const remove = new Set<string>()
  let startsOver = false
  for (const wish of wishes) {
    if (wish.from === 'none') {
      startsOver = true
      add.clear()
      remove.clear()
    }
    for (const id of wish.remove) {
      add.delete(id)
      remove.add(id)
    }
    for (const id of wish.add) {
      remove.delete(id)
      add.add(id)
    }
  }
  const change = startsOver
    ? { add: [...add], removeAllBut: [...add] }
    : { add: [...add], remove: [...remove] }
  return wishes.length > 0 && changeRoleMembers(tx, by, role, change)
}

/** Who would lose the role by each wish. */
async function cutsOf(
  tx: Tx,
  role: RoleRow,
  wishes: readonly (NetChange | undefined)[],
): Promise<CutInput[][]> {
  const named = wishes.flatMap((wish) => (wish?.from === 'members' ? [...wish.remove] : []))
  const holders = named.length > 0 ? await findHolders(tx, role, { members: named }) : []
  const cuts: CutInput[][] = []
  for (const wish of wishes) {
    const losing =
      wish?.from === 'none'
        ? await findHolders(tx, role, { allBut: [...wish.add] })
        : holders.filter(({ id }) => wish?.remove.has(id))
    cuts.push(
      losing.map(({ id, displayName }) => ({
        kind: 'role_loss',
        memberId: id,
        member: displayName,
        role: role.name,
      })),
    )
  }
  return cuts
}

function unknownMembers(ids: readonly string[]): ScimError {
  return new ScimError(
    'invalidValue',
    `These members are no users here, so nothing was changed: ${ids.join(', ').slice(0, 1000)}.`,
  )
}
