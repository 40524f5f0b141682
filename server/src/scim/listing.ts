/** What the lists of users and of groups have in common. */
import {
  bindFilter,
  type Filter,
  type Page,
  type Projection,
  parseFilter,
  type ResourceType,
  readPage,
  readProjection,
  ScimError,
  schemaUrns,
} from '@keydesk/scim'
import { refuseUnknown } from './attributes.ts'
import type { Query } from './http.ts'

export const MAX_RESULTS = 200

export interface Listing {
  filter: Filter | undefined
  page: Extract<Page, { kind: 'index' }>
  projection: Projection
}

/** Reads the query of a list. A filter that cannot be answered exactly is refused, never widened. */
export function readListing(query: Query, type: ResourceType): Listing {
  const page = readPage(query, { maxCount: MAX_RESULTS })
  if (page.kind !== 'index') throw new ScimError('invalidCursor', 'Lists here have no cursors.')
  return {
    filter: query.filter ? readFilter(query.filter, type) : undefined,
    page,
    projection: readProjection(query, type),
  }
}

/** A filter whose paths are all in the schema's spelling. */
function readFilter(text: string, type: ResourceType): Filter {
  const filter = bindFilter(parseFilter(text, { schemas: schemaUrns(type) }), type)
  refuseUnknown(filter, type)
  return filter
}
