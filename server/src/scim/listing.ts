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
  readSort,
  type Sort,
  schemaUrns,
} from '@keydesk/scim'
import { refuseUnknown } from './attributes.ts'
import type { Query } from './http.ts'

export const MAX_RESULTS = 200
export const DEFAULT_RESULTS = 100

export interface Listing {
  filter: Filter | undefined
  sort: Sort | undefined
  page: Page
  projection: Projection
}

/** Reads the query of a list. A filter that cannot be answered exactly is refused, never widened. */
export function readListing(query: Query, type: ResourceType): Listing {
  return {
    filter: query.filter ? readFilter(query.filter, type) : undefined,
    sort: readSort(query, type),
    page: readPage(query, { defaultCount: DEFAULT_RESULTS, maxCount: MAX_RESULTS }),
    projection: readProjection(query, type),
  }
}

/** A filter whose paths are all in the schema's spelling. */
export function readFilter(text: string, type: ResourceType): Filter {
  const filter = bindFilter(parseFilter(text, { schemas: schemaUrns(type) }), type)
  refuseUnknown(filter, type)
  return filter
}
