/** Reads the JSON Schema of an action's input as the fields of a small form. */
import type { CatalogueEntry } from '@keydesk/server/contract/actions'

export type InputField = {
  key: string
  title: string
  help: string | undefined
  required: boolean
} & (
  | { kind: 'person' | 'group' | 'app' | 'text' | 'number' | 'flag' }
  | { kind: 'choice'; choices: string[] }
)
export type InputValue = string | number | boolean

export function fieldsOf(entry: CatalogueEntry): InputField[] {
  const properties = isRecord(entry.input['properties']) ? entry.input['properties'] : {}
  const required = Array.isArray(entry.input['required']) ? entry.input['required'] : []

  return Object.entries(properties).map(([key, value]) => {
    const schema = isRecord(value) ? value : {}
    return {
      key,
      title: textOf(schema['title']) ?? inWords(key),
      help: textOf(schema['description']),
      // A default answers for the person, and JSON Schema of an output lists it as required.
      required: required.includes(key) && schema['default'] === undefined,
      ...kindOf(key, schema),
    }
  })
}

/** What the schema itself says a field begins with. */
export function defaultsOf(entry: CatalogueEntry): Record<string, InputValue> {
  const properties = isRecord(entry.input['properties']) ? entry.input['properties'] : {}
  return Object.fromEntries(
    Object.entries(properties).flatMap(([key, schema]) => {
      const given = isRecord(schema) ? schema['default'] : undefined
      return isInputValue(given) ? [[key, given]] : []
    }),
  )
}

function kindOf(key: string, schema: Record<string, unknown>) {
  if (schema['picker'] === 'okta.users' || key === 'user') return { kind: 'person' } as const
  if (schema['picker'] === 'okta.groups') return { kind: 'group' } as const
  if (schema['picker'] === 'okta.apps') return { kind: 'app' } as const
  if (Array.isArray(schema['enum'])) return { kind: 'choice', choices: schema['enum'].map(String) } as const
  if (schema['type'] === 'boolean') return { kind: 'flag' } as const
  if (schema['type'] === 'integer' || schema['type'] === 'number') return { kind: 'number' } as const
  return { kind: 'text' } as const
}

function inWords(key: string) {
  const words = key
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replaceAll('_', ' ')
    .toLowerCase()
  return words.charAt(0).toUpperCase() + words.slice(1)
}

function textOf(value: unknown) {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function isInputValue(value: unknown): value is InputValue {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
