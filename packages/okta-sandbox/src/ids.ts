/** Deterministic randomness: everything the seed makes must be the same on every machine. */

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** FNV-1a, good enough to spread seeds and cheap enough for 100,000 users. */
export function hash32(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}

export type Random = () => number

/** mulberry32: numbers in [0, 1), the same for the same text. */
export function randomOf(text: string): Random {
  let state = hash32(text)
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** Takes one of a list. */
export function pick<T>(random: Random, list: readonly T[]): T {
  return list[Math.floor(random() * list.length)] as T
}

function randomChars(random: Random, count: number): string {
  let text = ''
  for (let i = 0; i < count; i += 1) text += ALPHABET[Math.floor(random() * 62)]
  return text
}

/**
 * An id in Okta's form: a three letter prefix and 17 characters. Four of them spell the ordinal, so
 * ids never collide, and none depends on how many objects come after it.
 */
export function oktaId(prefix: string, seed: string, ordinal: number): string {
  const random = randomOf(`${seed}/${prefix}/${ordinal}`)
  let spelled = ''
  for (let rest = ordinal, i = 0; i < 4; i += 1, rest = Math.floor(rest / 62)) spelled += ALPHABET[rest % 62]
  return `${prefix}${randomChars(random, 10)}${spelled}5d7`
}
