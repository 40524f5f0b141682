import type { AttrPath, Filter, Path } from './ast.ts'

/** Writes a filter so that `parseFilter` reads the same tree again (RFC 7644 §3.4.2.2). */
export function printFilter(filter: Filter): string {
  switch (filter.kind) {
    case 'compare':
      return `${printAttrPath(filter.path)} ${filter.op} ${JSON.stringify(filter.value)}`
    case 'present':
      return `${printAttrPath(filter.path)} pr`
    case 'some':
      return `${printAttrPath(filter.path)}[${printFilter(filter.where)}]`
    case 'not':
      return `not (${printFilter(filter.filter)})`
    case 'and':
      return `${side(filter.left, ['or'])} and ${side(filter.right, ['or', 'and'])}`
    case 'or':
      return `${side(filter.left, [])} or ${side(filter.right, ['or'])}`
  }
}

/** Writes the path of a PATCH operation (RFC 7644 §3.5.2). */
export function printPath(path: Path): string {
  if (!path.where) return printAttrPath(path)
  const { sub, where, ...attribute } = path
  return `${printAttrPath(attribute)}[${printFilter(where)}]${sub === undefined ? '' : `.${sub}`}`
}

function printAttrPath({ schema, attr, sub }: AttrPath): string {
  return `${schema === undefined ? '' : `${schema}:`}${attr}${sub === undefined ? '' : `.${sub}`}`
}

// Chains lean to the left when they are read, so the same operator on the right keeps its parentheses.
function side(filter: Filter, grouped: readonly Filter['kind'][]): string {
  return grouped.includes(filter.kind) ? `(${printFilter(filter)})` : printFilter(filter)
}
