/**
 * The filter language of RFC 7644 §3.4.2.2, as data.
 *
 * `parseFilter` makes it, `printFilter` writes it back, `bindFilter` checks it against a resource
 * type, `matches` runs it in memory, and the server folds it into SQL. Nothing else knows what a
 * filter looks like.
 */
export type Filter =
  | { kind: 'compare'; path: AttrPath; op: CompareOp; value: Literal }
  | { kind: 'present'; path: AttrPath }
  | { kind: 'some'; path: AttrPath; where: Filter } // emails[type eq "work"]
  | { kind: 'not'; filter: Filter }
  | { kind: 'and' | 'or'; left: Filter; right: Filter }

export type CompareOp = 'eq' | 'ne' | 'co' | 'sw' | 'ew' | 'gt' | 'ge' | 'lt' | 'le'

export type Literal = string | number | boolean | null

/** RFC 7644 §3.10: an attribute, perhaps with its schema's URN and one sub-attribute. */
export type AttrPath = { schema?: string; attr: string; sub?: string }

/** RFC 7644 §3.5.2: what a PATCH operation points at; `where` picks values of `attr`. */
export type Path = AttrPath & { where?: Filter }
