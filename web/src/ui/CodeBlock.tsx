import { Button } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import { useState } from 'react'
import { copyToClipboard } from './CopyText.tsx'

export interface CodeBlockProps {
  /** What it is, above it and in the name of its button. */
  title: string
  text: string
}

/** A text of several lines as it is, with a button that copies it. The keyboard can scroll it. */
export function CodeBlock({ title, text }: CodeBlockProps) {
  const [copied, setCopied] = useState(false)

  async function copy() {
    if (!(await copyToClipboard(text))) return
    setCopied(true)
    setTimeout(() => setCopied(false), 1500)
  }

  return (
    <figure className="kd-code" style={{ margin: 0 }} aria-label={title}>
      <figcaption className="kd-code-head">
        <span>{title}</span>
        <Button
          size="compact-xs"
          variant="subtle"
          color="gray"
          leftSection={copied ? <IconCheck size={14} stroke={1.5} /> : <IconCopy size={14} stroke={1.5} />}
          aria-label={copied ? `${title}: copied` : `Copy ${title.toLowerCase()}`}
          onClick={() => void copy()}
        >
          {copied ? 'Copied' : 'Copy'}
        </Button>
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and the keyboard must reach that */}
      <pre tabIndex={0}>{text}</pre>
    </figure>
  )
}
