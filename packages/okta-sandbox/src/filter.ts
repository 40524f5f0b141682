/**
 * Okta's filter language, as `filter` and `search` take it:
 *
 *   or    = and *( "or" and )          and = unary *( "and" unary )
 *   unary = [ "not" ] "(" or ")" | path "pr" | path op literal
 *   op    = eq ne gt ge lt le sw co ew
 */
export type Filter =
  | { kind: 'and' | 'or'; left: Filter; right: Filter }
  | { kind: 'not'; filter: Filter }
  | { kind: 'present'; path: string }
  | { kind: 'compare'; path: string; op: Op; value: string | number | boolean }

const OPS = ['eq', 'ne', 'gt', 'ge', 'lt', 'le', 'sw', 'co', 'ew'] as const
type Op = (typeof OPS)[number]

export class FilterError extends Error {
  override name = 'FilterError'
}

/** Parses, or throws a `FilterError`; `knows` says which paths exist. */
export function parseFilter(text: string, knows: (path: string) => boolean): Filter {
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|[()]|[^\s()"]+/g) ?? []
  let at = 0
  const word = () => tokens[at]?.toLowerCase()
  const take = () => {
    const token = tokens[at]
    if (token === undefined) throw new FilterError('The expression ends too early.')
    at += 1
    return token
  }

  const or = (): Filter => {
    let left = and()
    for (; word() === 'or'; left = { kind: 'or', left, right: and() }) at += 1
    return left
  }
  const and = (): Filter => {
    let left = unary()
    for (; word() === 'and'; left = { kind: 'and', left, right: unary() }) at += 1
    return left
  }
  const unary = (): Filter => {
    if (word() === 'not') {
      at += 1
      return { kind: 'not', filter: unary() }
    }
    if (word() !== '(') return compare()
    at += 1
    const inner = or()
    if (take() !== ')') throw new FilterError('A bracket is not closed.')
    return inner
  }
  const compare = (): Filter => {
    const path = take()
    if (!knows(path)) throw new FilterError(`Unknown property ${path}.`)
    const op = take().toLowerCase()
    if (op === 'pr') return { kind: 'present', path }
    if (!OPS.includes(op as Op)) throw new FilterError(`Unknown operator ${op}.`)
    return { kind: 'compare', path, op: op as Op, value: literal(take()) }
  }

  const filter = or()
  if (at < tokens.length) throw new FilterError(`Unexpected ${tokens[at]}.`)
  return filter
}

function literal(token: string): string | number | boolean {
  try {
    const value: unknown = JSON.parse(token)
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value
  } catch {}
  throw new FilterError(`${token} is not a value.`)
}

/** Runs the filter over one row; `read` gives the value at a path. */
export function matches(filter: Filter, read: (path: string) => unknown): boolean {
  switch (filter.kind) {
    case 'and':
      return matches(filter.left, read) && matches(filter.right, read)
    case 'or':
      return matches(filter.left, read) || matches(filter.right, read)
    case 'not':
      return !matches(filter.filter, read)
    case 'present':
      return read(filter.path) != null && read(filter.path) !== ''
    case 'compare': {
      const value = read(filter.path)
      const values = Array.isArray(value) ? value : [value]
      return values.some((one) => holds(filter.op, one, filter.value))
    }
  }
}

const TIME = /^\d{4}-\d\d-\d\dT/

function holds(op: Op, actual: unknown, wanted: string | number | boolean): boolean {
  if (actual == null) return op === 'ne'
  const a = comparable(actual)
  const b = comparable(wanted)
  switch (op) {
    case 'eq':
      return a === b
    case 'ne':
      return a !== b
    case 'gt':
      return a > b
    case 'ge':
      return a >= b
    case 'lt':
      return a < b
    case 'le':
      return a <= b
    case 'sw':
      return String(a).startsWith(String(b))
    case 'co':
      return String(a).includes(String(b))
    case 'ew':
      return String(a).endsWith(String(b))
  }
}

// Times are compared as times, since clients may write another zone or no milliseconds.
function comparable(value: unknown): string | number | boolean {
  if (typeof value === 'number' || typeof value === 'boolean') return value
  const text = String(value)
  if (!TIME.test(text)) return text.toLowerCase()
  const ms = Date.parse(text)
  if (Number.isNaN(ms)) throw new FilterError(`${text} is not a time.`)
  return ms
}
