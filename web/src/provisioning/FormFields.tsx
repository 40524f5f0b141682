import type { ReactElement, ReactNode } from 'react'
import { CopyText } from '../ui/index.ts'

export interface FormField {
  /** As the other form calls it. */
  label: string
  /** Copied as it is. */
  copy?: string
  /** Copied and never shown; `value` says what it is. */
  secret?: string
  /** What to choose or to do, where there is nothing to copy. */
  value?: string | ReactElement
  hint?: ReactNode
}

/** A form of somebody else, field by field, with what belongs in each. */
export function FormFields({ label, fields }: { label: string; fields: readonly FormField[] }) {
  return (
    <dl className="kd-form-fields" aria-label={label}>
      {fields.map((field) => (
        <div key={field.label}>
          <dt>{field.label}</dt>
          <dd>
            <Value {...field} />
            {field.hint && <p className="kd-hint">{field.hint}</p>}
          </dd>
        </div>
      ))}
    </dl>
  )
}

function Value({ copy, secret, value }: FormField) {
  if (copy !== undefined) return <CopyText value={copy} mono />
  if (secret !== undefined) return <CopyText value={secret} label={String(value)} hidden />
  return value
}
