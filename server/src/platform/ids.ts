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

/** A new id: prefix, then 26 characters of Crockford's base 32, 48 bits of time before 80 random bits. */
export function newId(prefix: IdPrefix): string {
  let time = Date.now()
  let text = ''
  for (let i = 0; i < 10; i++) {
    text = ALPHABET[time % 32] + text
    time = Math.floor(time / 32)
  }
  for (const byte of randomBytes(16)) text += ALPHABET[byte % 32]
  return `${prefix}_${text}`
}
