import type { JsonObject } from './json.ts'

/** RFC 7643 §3: what a SCIM endpoint stores and returns. Attribute names are in the schema's spelling. */
export type Resource = JsonObject & { schemas: string[] }

/** RFC 7643 §3.1: what the server says about a resource. Times are ISO 8601 with a zone. */
export type Meta = {
  resourceType: string
  location: string
  created?: string
  lastModified?: string
  version?: string
}
