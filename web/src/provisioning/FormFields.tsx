import type { ReactNode } from 'react'
import { CopyText } from '../ui/index.ts'

export interface FormField {
  /** As the other form calls it. */
  label: string
  /** Copied as it is. */
  copy?: string
  /** It is copied without being shown. */
  isSecret?: boolean
  /** What to choose or to do, where there is nothing to copy. */
  value?: ReactNode
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
            {field.copy !== undefined && <Copied {...field} copy={field.copy} />}
            {field.value}
            {field.hint && <p className="kd-hint">{field.hint}</p>}
          </dd>
        </div>
      ))}
    </dl>
  )
}

function Copied({ copy, isSecret, label }: FormField & { copy: string }) {
  if (!isSecret) return <CopyText value={copy} mono />
  return <CopyText value={copy} label={`${label} of step 3`} hidden />
}
