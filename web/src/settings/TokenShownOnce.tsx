import { Alert, Button, Code, Group, Stack, Text } from '@mantine/core'
import { IconCheck, IconCopy, IconKey } from '@tabler/icons-react'
import { useState } from 'react'
import { copyToClipboard } from '../ui/index.ts'

export function TokenShownOnce({ token, onDone }: { token: string; onDone: () => void }) {
  const [copied, setCopied] = useState(false)
  return (
    <Alert
      variant="light"
      icon={<IconKey size={18} stroke={1.5} />}
      title="Copy the token now: it is shown this once"
      role="status"
    >
      <Stack gap="sm">
        <Code block aria-label="New token" style={{ whiteSpace: 'pre-wrap', wordBreak: 'break-all' }}>
          {token}
        </Code>
        <Text size="sm">Keydesk keeps only a fingerprint of it. If it is lost, create another.</Text>
        <Group gap="xs">
          <Button
            leftSection={copied ? <IconCheck size={16} stroke={1.5} /> : <IconCopy size={16} stroke={1.5} />}
            onClick={async () => setCopied(await copyToClipboard(token))}
          >
            {copied ? 'Token copied' : 'Copy token'}
          </Button>
          <Button variant="default" onClick={onDone}>
            I have stored it
          </Button>
        </Group>
      </Stack>
    </Alert>
  )
}
