import { randomBytes } from 'node:crypto'

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'

/** What an id names: the prefix is part of it, so that a wrong id is seen in a log and refused by a check. */
export type IdPrefix =
  | 'wsp'
  | 'evt'
  | 'rol'
  | 'mem'
  | 'svc'
  | 'tok'
  | 'lnk'
  | 'try'
  | 'ses'
  | 'per'
  | 'grp'
  | 'app'
  | 'mai'
  | 'con'
  | 'imp'
  | 'ser'
  | 'req'
  | 'msg'
  | 'apr'
  | 'run'
  | 'cal'
  | 'hld'
  | 'oac'
  | 'oag'
  | 'oar'

/** A new id: prefix, then 26 characters of Crockford's base 32, 48 bits of time before 80 random bits. */
export function newId(prefix: IdPrefix): string {
  return `${prefix}_${digits(Date.now(), 10)}${randomDigits(16)}`
}

/**
 * An id for a line that is written after its time, with others of the same millisecond: in their order.
 * @param nth its number among the lines of this process
 */
export function newIdAt(prefix: IdPrefix, at: Date, nth: number): string {
  return `${prefix}_${digits(at.getTime(), 10)}${digits(nth, 6)}${randomDigits(10)}`
}

function digits(value: number, length: number): string {
  let text = ''
  for (let rest = value; text.length < length; rest = Math.floor(rest / 32)) text = ALPHABET[rest % 32] + text
  return text
}

/** Asked for one by one, random bytes cost more than all the rest of an id. */
let pool = Buffer.alloc(0)
let used = 0

function randomDigits(length: number): string {
  if (used + length > pool.length) {
    pool = randomBytes(4096)
    used = 0
  }
  let text = ''
  for (const byte of pool.subarray(used, used + length)) text += ALPHABET[byte % 32]
  used += length
  return text
}
