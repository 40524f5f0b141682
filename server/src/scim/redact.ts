/**
 * What of a call may be written down. Passwords and secrets are taken out wherever SCIM can carry them:
 * as attributes, as the value of a patch on such a path, in filters, and in text that quotes them.
 */
import { isRecord, type Json, type JsonObject, readJson } from '@keydesk/scim'

const REDACTED = '[redacted]'
/** The largest text that is kept of a body, in bytes of UTF-8. */
export const KEPT_BYTES = 16 * 1024
/** A body with secrets in it is read to take them out; a larger one is not kept at all. */
const READABLE_LENGTH = 256 * 1024

const SENSITIVE =
  /pass(?:word|wd|phrase|code)|\bpwd\b|secret|token|credential|authorization|(?:api|private)[-_ ]?key/i
/** Whatever may hide something sensitive: also names cut short, and letters written as escapes. */
const SUSPICIOUS =
  /pass|pwd|secret|token|credential|authori|(?:api|private)[-_ ]?key|\\u00|kd_|bearer |basic /i
/** Members that name an attribute, whose value then stands beside them. */
const NAMING = /^(?:path|name|attribute|attributename|attr|key|field)$/i
/** Members whose text is a filter or a path, in which a value can stand without quotes. */
const EXPRESSION = /filter|path|attributes|sortby/i
const ONLY_NAMES = /^[\w.:,$-]*$/
const OPERATORS = /^(?:eq|ne|co|sw|ew|gt|ge|lt|le|pr|and|or|not|true|false|null)$/i

export interface Texts {
  path: string
  subject: string | null
  request: string | null
  answer: string | null
  deviations: readonly string[]
  userAgent: string | null
}

/** The texts of a call without secrets, bodies cut to `KEPT_BYTES`. */
export function redactTexts<T extends Texts>(texts: T): T {
  const secrets = new Set<string>()
  const request = cleanBody(texts.request, secrets)
  const path = cleanPath(texts.path, secrets)
  const answer = cleanBody(texts.answer, secrets)
  const line = (text: string, length: number) =>
    scrub(cleanTokens(text), secrets).replaceAll('\0', '\u2400').slice(0, length).toWellFormed()
  return {
    ...texts,
    path: line(path, 2000),
    subject: texts.subject === null ? null : line(texts.subject, 320),
    request: request === null ? null : cut(scrub(request, secrets)),
    answer: answer === null ? null : cut(scrub(answer, secrets)),
    deviations: texts.deviations.slice(0, 50).map((text) => line(text, 200)),
    userAgent: texts.userAgent === null ? null : line(texts.userAgent, 300),
  }
}

function cleanBody(text: string | null, secrets: Set<string>): string | null {
  // Of a large body only the beginning is kept, and what names a secret stands near to it.
  if (text === null || !SUSPICIOUS.test(text.slice(0, READABLE_LENGTH))) return text
  if (text.length > READABLE_LENGTH) return `[${text.length} characters with secrets among them; not kept]`
  let body: Json
  try {
    body = readJson(text, { maxDepth: 40 })
  } catch {
    return `[${text.length} characters that are not JSON; not kept]`
  }
  return JSON.stringify(clean(body, '', secrets))
}

function clean(value: Json, key: string, secrets: Set<string>): Json {
  if (typeof value === 'string') return cleanText(value, key, secrets)
  if (Array.isArray(value)) return value.map((item) => clean(item, key, secrets))
  return isRecord(value) ? cleanRecord(value, secrets) : value
}

function cleanRecord(value: JsonObject, secrets: Set<string>): JsonObject {
  const members = Object.entries(value)
  const names = (key: string, item: Json) =>
    NAMING.test(key) && typeof item === 'string' && SENSITIVE.test(item)
  const isAboutSecret = members.some(([key, item]) => names(key, item))
  return Object.fromEntries(
    members.map(([key, item]): [string, Json] => {
      const isHidden = SENSITIVE.test(key) || (isAboutSecret && !names(key, item) && !/^op$/i.test(key))
      if (isHidden) collect(item, secrets)
      return [cleanText(key, 'path', secrets), isHidden ? REDACTED : clean(item, key, secrets)]
    }),
  )
}

/** Everything below a hidden value, so that it is found again where an answer quotes it. */
function collect(value: Json, secrets: Set<string>): void {
  if (Array.isArray(value)) for (const item of value) collect(item, secrets)
  else if (isRecord(value)) for (const item of Object.values(value)) collect(item, secrets)
  else if (typeof value !== 'boolean' && String(value).length > 3) secrets.add(String(value))
}

function cleanText(text: string, key: string, secrets: Set<string>): string {
  if (!SUSPICIOUS.test(text)) return text
  if (/^\s*[[{]/.test(text)) return cleanBody(text, secrets) ?? text
  if (!SENSITIVE.test(text)) return cleanTokens(text)
  if (EXPRESSION.test(key)) return cleanExpression(text, secrets)
  return /["'=:]/.test(text) && !ONLY_NAMES.test(text) ? REDACTED : cleanTokens(text)
}

function cleanExpression(text: string, secrets: Set<string>): string {
  if (ONLY_NAMES.test(text)) return text
  for (const [literal] of text.matchAll(/"(?:[^"\\]|\\.)*"/g)) secrets.add(literal.slice(1, -1))
  for (const word of text.split(/[\s"'()[\]]+/))
    if (word.length > 3 && !SENSITIVE.test(word) && !OPERATORS.test(word)) secrets.add(word)
  return REDACTED
}

/** The path as it came, but for parameters that speak of a secret. */
function cleanPath(raw: string, secrets: Set<string>): string {
  const [path = '', ...rest] = raw.split('?')
  if (rest.length === 0) return path
  const query = rest
    .join('?')
    .split('&')
    .map((parameter) => cleanParameter(parameter, secrets))
  return `${path}?${query.join('&')}`
}

function cleanParameter(parameter: string, secrets: Set<string>): string {
  const [name = ''] = parameter.split('=', 1)
  const text = decoded(parameter)
  if (text === undefined) return `${name}=[unreadable]`
  const value = text.slice(text.indexOf('=') + 1)
  if (SENSITIVE.test(decoded(name) ?? name)) secrets.add(value)
  else if (!SENSITIVE.test(decoded(text) ?? text) || cleanExpression(value, secrets) === value)
    return parameter
  return `${ONLY_NAMES.test(name) ? name : ''}=${REDACTED}`
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}

/** Our own tokens, and whatever stands behind the name of a scheme. */
function cleanTokens(text: string): string {
  return text
    .replace(/kd_[a-z]+_[\w-]{20,}/g, `kd_${REDACTED}`)
    .replace(/\b(Bearer|Basic)\s+[\w.~+/=-]{8,}/gi, `$1 ${REDACTED}`)
}

function scrub(text: string, secrets: ReadonlySet<string>): string {
  let scrubbed = text
  for (const secret of secrets) {
    if (secret === '') continue
    const inJson = JSON.stringify(secret).slice(1, -1)
    const quoted = JSON.stringify(inJson).slice(1, -1)
    for (const form of [quoted, inJson, secret, encodeURIComponent(secret.toWellFormed())])
      scrubbed = scrubbed.replaceAll(form, REDACTED)
  }
  return scrubbed
}

/** At most `KEPT_BYTES` of a text, which ends with a whole character and says how long it was. */
function cut(text: string): string {
  // No character has less than a byte, so nothing behind this can be kept.
  const head = text.slice(0, KEPT_BYTES + 1)
  const storable = head.replaceAll('\0', '\u2400').toWellFormed()
  if (storable.length * 3 <= KEPT_BYTES) return storable
  const bytes = Buffer.from(storable)
  if (bytes.length <= KEPT_BYTES) return storable
  let end = KEPT_BYTES
  // A byte that goes on with a character is 10xxxxxx.
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end--
  const all = Buffer.byteLength(text) + bytes.length - Buffer.byteLength(head)
  return `${bytes.toString('utf8', 0, end)}… [cut here: ${all} bytes in all]`
}
