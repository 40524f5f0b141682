/** Which names and ids can be kept: of users and of groups. */
import { ScimError } from '@keydesk/scim'
import { comparisonKey } from '#accounts'

/**
 * Refuses a name that cannot be kept. These columns are indexed by what they are compared by, and an index
 * entry has to be small. Names with invisible or direction-changing characters look like others' names.
 * @throws ScimError `invalidValue`
 */
export function refuseUnusable(attribute: string, value: string, maxLength: number): void {
  const key = comparisonKey(value)
  if (key === '' || [...value].length > maxLength || Buffer.byteLength(key) > 1500)
    throw new ScimError('invalidValue', `${attribute} must have 1 to ${maxLength} characters.`)
  if (/[\p{Cc}\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/u.test(value))
    throw new ScimError('invalidValue', `${attribute} must not have control characters or invisible ones.`)
}
