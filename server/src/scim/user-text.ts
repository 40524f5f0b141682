/**
 * Reading users as text: what was rendered when they were written is sent as it is. Its mark says by which
 * schemas that was done, because a writer in another process, or in a shadow copy, may have gone by others
 * than the reader does. A text with another mark is as good as none.
 */
import type { ResourceType } from '@keydesk/scim'
import { listVisible, type VisibleMember } from '#accounts'
import type { Platform } from '#platform'
import { whereIds } from './filter-sql.ts'
import { factsOf, markOf, rendered, userText } from './user-resource.ts'

interface Reader {
  ctx: { platform: Platform; tenantId: string }
  userType: ResourceType
  base: string
}

/** Whole users in the order of the members, but for those who were removed since they were read. */
export async function textsOf(members: readonly VisibleMember[], reader: Reader): Promise<string[]> {
  const texts = members.map((member) => textOf(member, reader))
  const unread = members.filter((_, at) => texts[at] === undefined).map(({ id }) => id)
  if (unread.length === 0) return texts.flatMap((text) => text ?? [])
  const { rows } = await listVisible(reader.ctx.platform, reader.ctx.tenantId, {
    where: whereIds(unread),
    start: { offset: 0 },
    limit: unread.length,
    parts: true,
  })
  const byId = new Map(rows.map((row) => [row.id, textOf({ ...row, rendered: null }, reader)]))
  return members.flatMap(({ id }, at) => texts[at] ?? byId.get(id) ?? [])
}

function textOf(member: VisibleMember, { userType, base }: Reader): string | undefined {
  const mark = markOf(userType)
  if (member.rendered?.startsWith(mark))
    return userText(member.rendered.slice(mark.length), factsOf(member), base)
  return member.parts ? userText(rendered(member.parts, userType), factsOf(member), base) : undefined
}
