import type { Import } from '@keydesk/server/contract/okta'
import { Alert, Text } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { CopyText } from '../ui/index.ts'

export function ImportFailure({ failure }: { failure: NonNullable<Import['failure']> }) {
  return (
    <Alert
      color="red"
      variant="light"
      icon={<IconAlertTriangle size={18} stroke={1.5} />}
      title="The last import did not finish"
    >
      <Text size="sm">{failure.message}</Text>
      <Text size="sm" fw={500}>
        {failure.remedy}
      </Text>
      {failure.code && <CopyText value={failure.code} mono />}
    </Alert>
  )
}
