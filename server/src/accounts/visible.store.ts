/**
 * Reading members as identity providers see them: all but owners and break-glass accounts. Reads of one
 * moment share a statement, and what was rendered when it was written is sent as it is.
 */
import { type RawBuilder, sql } from 'kysely'
import { inBatches, instantOf, type Lane, type Platform, readAs, type Tx } from '#platform'

export interface VisibleMember {
  id: string
  version: number
  /** RFC 3339 with milliseconds. */
  createdAt: string
  updatedAt: string
  /** The resource as text, as the provider wrote it; null when it has to be put together from `parts`. */
  rendered: string | null
  parts: VisibleParts | null
  /** The roles held by pushed groups: id and name. */
  groups: [id: string, name: string][] | null
}

/** What a resource is put together from. */
export interface VisibleParts {
  userName: string
  email: string
  displayName: string
  title: string | null
  active: boolean
  externalId: string | null
  scim: unknown
}

/** SQL: the ids of members whom no provider may see, as an array that is made once a statement. */
export const HIDDEN_IDS = `array(select h.id from members h where h.break_glass or h.owner)`

const PARTS = `json_build_object('userName', members.user_name, 'email', members.email, 'displayName',
  members.display_name, 'title', members.title, 'active', members.active, 'externalId', members.external_id,
  'scim', members.scim)`

const COLUMNS = `members.id, members.version, members.created_at as "createdAt",
  members.updated_at as "updatedAt", members.rendered,
  (select json_agg(json_build_array(r.id, r.name) order by r.name_key)
    from (select role_id from member_roles
        where member_id = members.id and source = 'scim_group' offset 0) g
      join roles r on r.id = g.role_id) as groups`

const WHEN_NEEDED = `case when members.rendered is null then ${PARTS} end as parts`

type Row = VisibleMember & { key: string }

function loader(name: string, column: string, order = '') {
  const statement = {
    name: `visible_by_${name}`,
    text: `select ${column} as key, ${COLUMNS}, ${WHEN_NEEDED} from members
      where ${column} = any($1::text[]) and members.id <> all (${HIDDEN_IDS})${order}`,
  }
  return inBatches<Lane, string, VisibleMember[]>({
    most: 200,
    atOnce: 1,
    async run({ platform, tenantId }, keys) {
      const rows = await readAs<Row>(platform, tenantId, statement, [[...new Set(keys)]])
      const byKey = Map.groupBy(rows.map(withInstants), (row) => row.key)
      return keys.map((key) => byKey.get(key) ?? [])
    },
  })
}

/** Members by id, at most one each. */
export const findVisibleById = loader('id', 'members.id')
/** Members by the key of their user name, at most one each. */
export const findVisibleByUserName = loader('user_name', 'members.user_name_key')
/** Members by the provider's id, in the order of lists. */
export const findVisibleByExternalId = loader(
  'external_id',
  'members.external_id',
  ' order by members.created_at, members.id',
)

function withInstants<R extends VisibleMember>(row: R): R {
  row.createdAt = instantOf(row.createdAt)
  row.updatedAt = instantOf(row.updatedAt)
  return row
}

/** How a list is ordered: by an expression, and among equals by id. */
export interface VisibleOrder {
  key: RawBuilder<unknown>
  /** PostgreSQL's type of the key, to read it from a cursor again. */
  type: 'text' | 'boolean' | 'timestamptz' | 'numeric'
  descending: boolean
  /** Whether some members have no key: they come last when ascending and first when descending. */
  nullable: boolean
}

export const BY_CREATION: VisibleOrder = {
  key: sql`members.created_at`,
  type: 'timestamptz',
  descending: false,
  nullable: false,
}

/** Where a page begins: after the member with this key and id, or after so many members. */
type VisibleStart = { after: { key: string | null; id: string } } | { offset: number }

export interface VisibleQuery {
  where?: RawBuilder<boolean> | undefined
  order?: VisibleOrder | undefined
  start: VisibleStart
  limit: number
  /** Whether parts are wanted in any case: for a part of the attributes. */
  parts: boolean
  /** Whether it need not be counted how many there are in all. */
  uncounted?: boolean
}

export interface VisiblePage {
  rows: (VisibleMember & { key: string | null })[]
  /** Undefined when it was not counted. */
  total: number | undefined
}

/** One page, and how many there are in all, at one moment. Two of a workspace at a time, the others wait for their turn. */
export function listVisible(platform: Platform, tenantId: string, query: VisibleQuery): Promise<VisiblePage> {
  return listInTurn({ platform, tenantId }, query)
}

const listInTurn = inBatches<Lane, VisibleQuery, VisiblePage>({
  most: 1,
  atOnce: 2,
  run: async (lane, [query]) => (query ? [await readPage(lane, query)] : []),
})

async function readPage(
  { platform, tenantId }: Lane,
  { where, order = BY_CREATION, start, limit, parts, uncounted = false }: VisibleQuery,
): Promise<VisiblePage> {
  const visible = sql`members.id <> all (${sql.raw(HIDDEN_IDS)})`
  // Nobody is counted where everybody is meant: the sum of changes says how many there are.
  const counted = where
    ? sql`select count(*) from members where ${visible} and ${where}`
    : sql`select (select coalesce(sum(change), 0) from member_tallies) -
        (select count(distinct h) from unnest(${sql.raw(HIDDEN_IDS)}) h)`
  const total = uncounted ? sql`select null` : counted
  const from = 'after' in start ? afterOf(order, start.after) : sql`true`
  const direction = order.descending ? sql`desc nulls first` : sql`asc nulls last`
  const page = sql`select ${sql.raw(COLUMNS)}, ${sql.raw(parts ? `${PARTS} as parts` : WHEN_NEEDED)},
      (${order.key})::text as key, row_number() over (order by ${order.key} ${direction}, members.id) as at
    from members where ${visible} and ${where ?? sql`true`} and ${from}
    order by ${order.key} ${direction}, members.id
    limit ${limit} offset ${'offset' in start ? start.offset : 0}`
  const query =
    sql`with total as (${total}) select total.*, page.* from (select (table total)::int8 as "totalResults") total
      left join (${page}) page on true order by page.at`.compile(platform.db)
  const rows = await readAs<VisibleMember & { totalResults: number | null; key: string | null }>(
    platform,
    tenantId,
    { text: query.sql, isList: true },
    query.parameters,
  )
  const found = rows.filter((row) => row.id !== null)
  return { rows: found.map(withInstants), total: uncounted ? undefined : (rows[0]?.totalResults ?? 0) }
}

// A tuple comparison walks the index; the longer form is for keys that can be missing.
function afterOf(
  { key, type, descending, nullable }: VisibleOrder,
  { key: text, id }: { key: string | null; id: string },
): RawBuilder<boolean> {
  const value = sql`${text}::text::${sql.raw(type)}`
  if (!nullable && !descending) return sql`(${key}, members.id) > (${value}, ${id})`
  const sameKey = sql`(${key} = ${value} and members.id > ${id})`
  if (text === null)
    return descending
      ? sql`((${key} is null and members.id > ${id}) or ${key} is not null)`
      : sql`(${key} is null and members.id > ${id})`
  return descending
    ? sql`(${key} < ${value} or ${sameKey})`
    : sql`(${key} > ${value} or ${sameKey} or ${key} is null)`
}

/** Forgets what was rendered of these members, or of all; it is put together again when it is read. */
export async function forgetRendered(tx: Tx, ids?: readonly string[]): Promise<void> {
  const forget = tx.db.updateTable('members').set({ rendered: null }).where('rendered', 'is not', null)
  if (!ids) await forget.execute()
  else if (ids.length > 0) await forget.where('id', 'in', [...ids]).execute()
}

/** Adds up the tally of members once it has grown long. */
export async function addUpTallies(tx: Tx): Promise<void> {
  await sql`
    with gone as (
      delete from member_tallies where (select count(*) from member_tallies) > 50 returning change)
    insert into member_tallies select ${tx.tenantId}, sum(change) from gone having count(*) > 0`.execute(
    tx.db,
  )
}
