/**
 * Reads the filters and paths of RFC 7644 §3.4.2.2 and §3.5.2.
 *
 *   filter    = and *( "or" and )
 *   and       = term *( "and" term )
 *   term      = [ "not" ] "(" filter ")" / attrPath ( "pr" / op value / "[" filter "]" [ subtest ] )
 *   subtest   = "." name ( "pr" / op value )         ; emails[type eq "work"].value eq "a"
 *   path      = attrPath / attrPath "[" filter "]" [ "." name ]
 *   attrPath  = [ urn ":" ] name [ "." name ]
 *   value     = a JSON string, number, true, false or null
 *
 * Words compare without case. `subtest` is not in the RFC, but Microsoft Entra ID sends it; it means
 * that one and the same value passes both tests, so it becomes part of the bracket.
 */
import { ScimError, type ScimType } from '../error.ts'
import type { AttrPath, CompareOp, Filter, Literal, Path } from './ast.ts'
import { filterError, type Token, tokenize } from './tokens.ts'

export type ParseOptions = {
  /** URNs of the schemas in use, for their spelling. An unknown URN ends at the last colon. */
  schemas?: readonly string[]
  maxLength?: number
  maxDepth?: number
  maxTerms?: number
}

/** Reads a filter (RFC 7644 §3.4.2.2), or throws `invalidFilter`. */
export function parseFilter(text: string, options: ParseOptions = {}): Filter {
  const maxLength = options.maxLength ?? MAX_LENGTH
  if (text.length > maxLength)
    throw new ScimError('invalidFilter', `The filter is longer than ${maxLength} characters.`)
  const parser = parserOf(text, options)
  const filter = readOr(parser)
  const rest = parser.tokens[parser.next]
  if (rest) throw filterError(rest.at, 'the filter should end here')
  return filter
}

/** Reads the path of a PATCH operation (RFC 7644 §3.5.2), or throws `invalidPath` or `invalidFilter`. */
export function parsePath(text: string, options: ParseOptions = {}): Path {
  const maxLength = options.maxLength ?? MAX_LENGTH
  if (text.length > maxLength)
    throw new ScimError('invalidPath', `The path is longer than ${maxLength} characters.`)
  const opening = text.indexOf('[')
  if (opening < 0) return readAttrPath(text.trim(), options.schemas, 'invalidPath')

  const path: Path = readAttrPath(text.slice(0, opening).trim(), options.schemas, 'invalidPath')
  if (path.sub !== undefined)
    throw invalidPath(text, 'values are picked from an attribute, not a sub-attribute')
  const parser = parserOf(text.slice(opening), options)
  path.where = readBrackets(parser)
  const sub = parser.tokens[parser.next]
  if (!sub) return path
  if (sub.kind !== 'word' || !SUB.test(sub.text) || parser.tokens.length > parser.next + 1)
    throw invalidPath(text, 'after the bracket comes nothing, or a dot and one sub-attribute')
  path.sub = sub.text.slice(1)
  return path
}

/** Reads `[urn:]attribute[.sub]` (RFC 7644 §3.10), or throws `scimType`. */
export function readAttrPath(
  word: string,
  schemas: readonly string[] | undefined,
  scimType: ScimType,
): AttrPath {
  const urnEnd = endOfUrn(word, schemas)
  const [attr, sub, ...rest] = word.slice(urnEnd === undefined ? 0 : urnEnd + 1).split('.')
  if (!attr || !NAME.test(attr) || rest.length > 0 || (sub !== undefined && !NAME.test(sub)))
    throw new ScimError(scimType, `${quote(word)} is not the name of an attribute.`)
  const path: AttrPath = { attr }
  if (urnEnd !== undefined) path.schema = spelling(word.slice(0, urnEnd), schemas)
  if (sub !== undefined) path.sub = sub
  return path
}

const MAX_LENGTH = 2048
const NAME = /^\$?[a-z][\w-]*$/i
const SUB = /^\.\$?[a-z][\w-]*$/i

// A URN has dots and colons of its own (…:enterprise:2.0:User), so it is never cut at a dot.
function endOfUrn(word: string, schemas: readonly string[] = []): number | undefined {
  const lower = word.toLowerCase()
  const known = schemas
    .filter((urn) => lower.startsWith(`${urn.toLowerCase()}:`))
    .reduce((longest, urn) => Math.max(longest, urn.length), 0)
  if (known > 0) return known
  return lower.startsWith('urn:') ? word.lastIndexOf(':') : undefined
}

function spelling(urn: string, schemas: readonly string[] = []): string {
  return schemas.find((known) => known.toLowerCase() === urn.toLowerCase()) ?? urn
}

type Parser = {
  readonly tokens: readonly Token[]
  readonly end: number
  readonly options: ParseOptions
  next: number
  depth: number
  terms: number
  inBrackets: boolean
}

function parserOf(text: string, options: ParseOptions): Parser {
  const tokens = tokenize(text)
  return { tokens, end: text.length, options, next: 0, depth: 0, terms: 0, inBrackets: false }
}

// "and" and "or" are loops, so a long chain costs no stack; what does nest is counted by `nested`.
function readOr(parser: Parser): Filter {
  let filter = readAnd(parser)
  while (takeWord(parser, 'or')) filter = { kind: 'or', left: filter, right: readAnd(parser) }
  return filter
}

function readAnd(parser: Parser): Filter {
  let filter = readTerm(parser)
  while (takeWord(parser, 'and')) filter = { kind: 'and', left: filter, right: readTerm(parser) }
  return filter
}

function readTerm(parser: Parser): Filter {
  if (takeBracket(parser, '(')) return nested(parser, ')')
  const following = parser.tokens[parser.next + 1]
  if (following?.kind === 'bracket' && following.text === '(' && takeWord(parser, 'not')) {
    parser.next++
    return { kind: 'not', filter: nested(parser, ')') }
  }
  return readTest(parser)
}

function readTest(parser: Parser): Filter {
  const { text, at } = readWord(parser, 'the name of an attribute was expected')
  const maxTerms = parser.options.maxTerms ?? 20
  if (++parser.terms > maxTerms)
    throw new ScimError('invalidFilter', `The filter has more than ${maxTerms} terms.`)
  const path = readAttrPath(text, parser.options.schemas, 'invalidFilter')
  if (parser.inBrackets && (path.schema !== undefined || path.sub !== undefined))
    throw filterError(at, 'inside brackets, name a sub-attribute alone')

  const opening = parser.tokens[parser.next]
  if (opening?.kind !== 'bracket' || opening.text !== '[') return readComparison(parser, path)
  if (parser.inBrackets || path.sub !== undefined)
    throw filterError(opening.at, 'a bracket follows an attribute, and does not nest')
  const where = readBrackets(parser)
  return { kind: 'some', path, where: readSubtest(parser, where) }
}

function readSubtest(parser: Parser, where: Filter): Filter {
  const token = parser.tokens[parser.next]
  if (token?.kind !== 'word' || !SUB.test(token.text)) return where
  parser.next++
  return { kind: 'and', left: where, right: readComparison(parser, { attr: token.text.slice(1) }) }
}

function readBrackets(parser: Parser): Filter {
  takeBracket(parser, '[')
  parser.inBrackets = true
  const where = nested(parser, ']')
  parser.inBrackets = false
  return where
}

function nested(parser: Parser, closing: string): Filter {
  const maxDepth = parser.options.maxDepth ?? 10
  if (++parser.depth > maxDepth)
    throw new ScimError('invalidFilter', `The filter is nested deeper than ${maxDepth} levels.`)
  const filter = readOr(parser)
  parser.depth--
  if (!takeBracket(parser, closing)) throw unexpected(parser, `${closing} was expected`)
  return filter
}

function readComparison(parser: Parser, path: AttrPath): Filter {
  const { text, at } = readWord(parser, 'an operator was expected')
  const name = text.toLowerCase()
  if (name === 'pr') return { kind: 'present', path }
  const op = OPERATORS.find((known) => known === name)
  if (!op) throw filterError(at, `${quote(text)} is not an operator`)
  const value = readLiteral(parser)
  if (typeof value !== 'string' && ['co', 'sw', 'ew'].includes(op))
    throw filterError(at, `${op} compares with a string`)
  if ((typeof value === 'boolean' || value === null) && op !== 'eq' && op !== 'ne')
    throw filterError(at, `${String(value)} has no order, so ${op} cannot compare it`)
  return { kind: 'compare', path, op, value }
}

const OPERATORS: readonly CompareOp[] = ['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le']

function readLiteral(parser: Parser): Literal {
  const token = parser.tokens[parser.next++]
  if (token?.kind === 'literal') return token.value
  const word = token?.kind === 'word' ? token.text.toLowerCase() : ''
  if (word === 'true' || word === 'false') return word === 'true'
  if (word === 'null') return null
  throw filterError(token?.at ?? parser.end, 'a value was expected; put strings in double quotes')
}

function readWord(parser: Parser, problem: string): { text: string; at: number } {
  const token = parser.tokens[parser.next]
  if (token?.kind !== 'word') throw unexpected(parser, problem)
  parser.next++
  return token
}

function takeWord(parser: Parser, word: string): boolean {
  const token = parser.tokens[parser.next]
  if (token?.kind !== 'word' || token.text.toLowerCase() !== word) return false
  parser.next++
  return true
}

function takeBracket(parser: Parser, bracket: string): boolean {
  const token = parser.tokens[parser.next]
  if (token?.kind !== 'bracket' || token.text !== bracket) return false
  parser.next++
  return true
}

function unexpected(parser: Parser, problem: string): ScimError {
  return filterError(parser.tokens[parser.next]?.at ?? parser.end, problem)
}

function invalidPath(text: string, problem: string): ScimError {
  return new ScimError('invalidPath', `The path ${quote(text)} is not valid: ${problem}.`)
}

function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text)
}
