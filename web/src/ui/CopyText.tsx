import { ActionIcon } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import { useState } from 'react'

export interface CopyTextProps {
  value: string
  /** Shown in place of the value. */
  label?: string
  mono?: boolean
  /** The value is a secret: it is copied and never shown, not on hover either. */
  hidden?: boolean
}

/** A text and a button that copies it. */
export function CopyText({ value, label, mono = false, hidden = false }: CopyTextProps) {
  const [copied, setCopied] = useState(false)

  async function copy() {
    if (!(await copyToClipboard(value))) return
    setCopied(true)
    setTimeout(() => setCopied(false), 1500)
  }

  return (
    <span className="kd-copy">
      <span className={mono ? 'kd-mono' : undefined} title={hidden ? undefined : value}>
        {label ?? value}
      </span>
      <ActionIcon
        size="sm"
        onClick={() => void copy()}
        aria-label={copied ? 'Copied' : `Copy ${label ?? value}`}
      >
        {copied ? <IconCheck size={14} stroke={1.5} /> : <IconCopy size={14} stroke={1.5} />}
      </ActionIcon>
    </span>
  )
}

/** Says whether it worked. The clipboard's API exists in secure contexts only; elsewhere the old way remains. */
export async function copyToClipboard(value: string): Promise<boolean> {
  if (navigator.clipboard) {
    const done = await navigator.clipboard.writeText(value).then(
      () => true,
      () => false,
    )
    if (done) return true
  }

  const area = document.createElement('textarea')
  area.value = value
  area.style.position = 'fixed'
  area.style.opacity = '0'
  document.body.append(area)
  area.select()
  const done = document.execCommand('copy')
  area.remove()
  return done
}
