import { ScimError } from '../error.ts'
import type { Json, JsonObject } from '../json.ts'

/** Collects what a client did that the RFC does not allow and we tolerate, for the request log. */
export type Deviations = { readonly list: string[]; report(sentence: string): void }

export function collectDeviations(): Deviations {
  const list: string[] = []
  const report = (sentence: string) => {
    // One body can hold thousands of the same mistake; an admin needs to read it once.
    if (list.length < 50 && !list.includes(sentence)) list.push(sentence)
  }
  return { list, report }
}

/** A name from a client, short enough for a sentence. */
export function quoted(name: string): string {
  return JSON.stringify(name.length > 60 ? `${name.slice(0, 60)}…` : name)
}

export type Unknown = 'ignore' | 'invalidSyntax' | 'invalidPath'

/** Unknown attributes are ignored and reported, or refused by a strict reader. */
export function ignoreUnknown(name: string, reading: { deviations: Deviations; unknown: Unknown }): void {
  if (reading.unknown !== 'ignore')
    throw new ScimError(reading.unknown, `The attribute ${quoted(name)} is not known here.`)
  reading.deviations.report(`The unknown attribute ${quoted(name)} was ignored.`)
}

/** A field of a message by its name, also when it was sent in another case (RFC 7643 §2.1). */
export function fieldOf(
  object: JsonObject,
  name: string,
  { deviations }: { deviations: Deviations },
): Json | undefined {
  if (Object.hasOwn(object, name)) return object[name]
  const other = Object.keys(object).find((key) => key.toLowerCase() === name.toLowerCase())
  if (other === undefined) return undefined
  deviations.report(`"${name}" was sent as ${quoted(other)}.`)
  return object[other]
}
