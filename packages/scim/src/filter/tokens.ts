/** Cuts filter text into words, literals and brackets. */
import { ScimError } from '../error.ts'
import { scanNumber, scanString } from '../json.ts'

export type Token =
  | { kind: 'word'; text: string; at: number }
  | { kind: 'literal'; value: string | number; at: number }
  | { kind: 'bracket'; text: string; at: number }

export function tokenize(text: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  while (at < text.length) {
    const character = text[at] ?? ''
    if (character === ' ' || character === '\t') {
      at++
    } else if ('()[]'.includes(character)) {
      tokens.push({ kind: 'bracket', text: character, at })
      at++
    } else if (character === '"' || /[-\d]/.test(character)) {
      const literal = character === '"' ? scanString(text, at) : scanNumber(text, at)
      if (!literal) throw filterError(at, 'this is not a JSON string or a number that can be kept exactly')
      tokens.push({ kind: 'literal', value: literal.value, at })
      at = literal.end
      if (/[^\s()[\]]/.test(text[at] ?? ' ')) throw filterError(at, 'a space was expected after the value')
    } else {
      const word = readWord(text, at)
      if (!word) throw filterError(at, `${JSON.stringify(character)} was not expected`)
      tokens.push({ kind: 'word', text: word, at })
      at += word.length
    }
  }
  return tokens
}

function readWord(text: string, at: number): string | undefined {
  const word = /[\w$:.-]+/y
  word.lastIndex = at
  return word.exec(text)?.[0]
}

export function filterError(at: number, problem: string): ScimError {
  return new ScimError('invalidFilter', `The filter is not valid: ${problem}, at character ${at + 1}.`)
}
