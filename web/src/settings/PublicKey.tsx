import { Button, Code, Group, Stack } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import { useState } from 'react'
import { copyToClipboard } from '../ui/index.ts'

/** The public half of the key pair. The private half never leaves the server. */
export function PublicKey({ jwk }: { jwk: Record<string, unknown> }) {
  const [copied, setCopied] = useState(false)
  const text = JSON.stringify(jwk, null, 2)

  async function copy() {
    setCopied(await copyToClipboard(text))
  }

  return (
    <Stack gap="xs">
      <Code
        block
        mah={180}
        tabIndex={0}
        role="region"
        aria-label="Public key"
        style={{ overflow: 'auto', whiteSpace: 'pre-wrap', wordBreak: 'break-all' }}
      >
        {text}
      </Code>
      <Group gap="sm">
        <Button
          variant="default"
          leftSection={copied ? <IconCheck size={16} stroke={1.5} /> : <IconCopy size={16} stroke={1.5} />}
          onClick={copy}
        >
          {copied ? 'Public key copied' : 'Copy public key'}
        </Button>
        <span className="kd-hint">Safe to share: it only lets Okta recognise Keydesk.</span>
      </Group>
    </Stack>
  )
}
