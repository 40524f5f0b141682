import { Alert, Button, Code, Stack, Text } from '@mantine/core'
import { IconCheck, IconCopy, IconKey } from '@tabler/icons-react'
import { useState } from 'react'
import { copyToClipboard } from '../ui/index.ts'
import type { Authentication, Secret } from './credential.ts'

const WORDS: Record<Authentication, { name: string; secret: string }> = {
  token: { name: '', secret: 'Token' },
  basic: { name: 'User name', secret: 'Password' },
  oauth: { name: 'Client ID', secret: 'Client secret' },
}

/** What was just made. It cannot be read again, here or on the server. */
export function SecretShownOnce({ secret, onDone }: { secret: Secret; onDone: () => void }) {
  const { name, secret: word } = WORDS[secret.authentication]
  return (
    <Alert
      variant="light"
      icon={<IconKey size={18} stroke={1.5} />}
      title={
        secret.secret
          ? `Copy the ${word.toLowerCase()} now: it is shown this once`
          : 'The OAuth client is there'
      }
      role="status"
    >
      <Stack gap="sm">
        {secret.name && <Value label={name} value={secret.name} />}
        {secret.secret && <Value label={word} value={secret.secret} />}
        <Text size="sm">Keydesk keeps only a fingerprint of it. If it is lost, create another.</Text>
        <Button variant="default" onClick={onDone} style={{ alignSelf: 'flex-start' }}>
          I have stored it
        </Button>
      </Stack>
    </Alert>
  )
}

function Value({ label, value }: { label: string; value: string }) {
  const [copied, setCopied] = useState(false)
  return (
    <div>
      <Text size="xs" fw={500} mb={4}>
        {label}
      </Text>
      <Code block aria-label={label} style={{ whiteSpace: 'pre-wrap', wordBreak: 'break-all' }}>
        {value}
      </Code>
      <Button
        mt="xs"
        size="xs"
        leftSection={copied ? <IconCheck size={16} stroke={1.5} /> : <IconCopy size={16} stroke={1.5} />}
        onClick={async () => setCopied(await copyToClipboard(value))}
      >
        {copied ? `${label} copied` : `Copy ${label.toLowerCase()}`}
      </Button>
    </div>
  )
}
