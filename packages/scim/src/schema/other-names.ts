/**
 * Names that clients use for what the schemas call otherwise: URNs of SCIM 1.1, which OneLogin's
 * templates keep, slips of Entra ID, and sub-attributes of old. A strict reader knows none of them.
 */

import { type Attribute, findByName, type Schema } from './attribute.ts'
import { quoted } from './deviations.ts'
import { enterpriseUserSchema } from './enterprise-user.ts'
import type { Reading } from './read-value.ts'
import { findSchema, type ResourceType } from './resource-type.ts'

/** The schema a client means by a URN: its own, or another name of it, which is reported. */
export function findNamedSchema(
  type: ResourceType,
  urn: string,
  { deviations, unknown }: Reading,
): { schema: Schema; extension?: Schema } | undefined {
  const own = findSchema(type, urn)
  if (own || unknown !== 'ignore') return own
  const meant = CORE.test(urn) ? type.schema.id : ENTERPRISE.test(urn) ? enterpriseUserSchema.id : undefined
  const found = meant === undefined ? undefined : findSchema(type, meant)
  if (found) deviations.report(`The schema ${quoted(urn)} was read as ${quoted(found.schema.id)}.`)
  return found
}

const CORE = /^urn:scim:schemas:core:[12]\.0(?::(?:user|group))?$/i
const ENTERPRISE =
  /^urn:(?:scim:schemas:extension:enterprise:[12]\.0(?::user)?|ietf:params:scim:schemas:extension:enterprise:2\.0user)$/i

/** The sub-attribute a client means by a name, as above. `given` are the names beside it. */
export function findNamedSub(
  attribute: Attribute,
  name: string,
  at: string,
  given: readonly string[],
  { deviations, unknown }: Reading,
): Attribute | undefined {
  const own = findByName(attribute.subAttributes, name)
  if (own || unknown !== 'ignore') return own
  const meant = SUBS.find(
    (other) => other.sent === name.toLowerCase() && (!other.of || other.of === attribute.name),
  )
  const sub = meant && findByName(attribute.subAttributes, meant.name)
  // Who sends the right name too means that one.
  if (!sub || given.some((other) => other.toLowerCase() === sub.name.toLowerCase())) return undefined
  deviations.report(`${at}.${sub.name} was sent as ${quoted(name)}.`)
  return sub
}

const SUBS: readonly { sent: string; name: string; of?: string }[] = [
  { sent: 'displayname', name: 'display' },
  { sent: 'managerid', name: 'value', of: 'manager' },
]
