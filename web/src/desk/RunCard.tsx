import type { ActionRun } from '@keydesk/server/contract/actions'
import type { Approval } from '@keydesk/server/contract/approvals'
import { Group, Paper, Stack, Text } from '@mantine/core'
import { useCan } from '../session/index.ts'
import { Ago } from '../ui/index.ts'
import { ApprovalVerdict } from './ApprovalVerdict.tsx'
import { Effects } from './Effects.tsx'
import { RunBadge } from './RunBadge.tsx'
import { RunFailure } from './RunFailure.tsx'
import { RunWaysOut } from './RunWaysOut.tsx'
import { UndoRun } from './UndoRun.tsx'

type Props = { run: ActionRun; approval?: Approval | undefined }

/** One action in the state it is in: what was planned, who has to say yes, what Okta answered, and the way on. */
export function RunCard({ run, approval }: Props) {
  const mayRun = useCan('actions.run')
  const planned = run.state === 'waiting' || run.state === 'approved' || run.state === 'sending'

  return (
    <Paper component="article" withBorder p="sm" aria-label={`${run.label}: ${run.target.name}`}>
      <Stack gap="xs">
        <Group justify="space-between" align="flex-start" gap="xs">
          <Text fw={600}>
            {run.label}: {run.target.name}
          </Text>
          <span role="status">
            <RunBadge run={run} waitsFor={approval?.approver?.displayName} />
          </span>
        </Group>
        <Text size="sm">{run.summary}</Text>
        {planned && <Effects effects={run.effects} />}
        {run.failure && <RunFailure failure={run.failure} />}
        {run.evidence && <Text size="sm">What Keydesk saw: {run.evidence}</Text>}
        {approval && <ApprovalVerdict approval={approval} />}
        {run.state === 'unknown' && mayRun && <RunWaysOut run={run} />}
        <Group justify="space-between" gap="xs">
          <Text size="xs" c="dimmed">
            {run.startedBy.name} · <Ago at={run.endedAt ?? run.sentAt ?? run.createdAt} />
          </Text>
          {run.canUndo && mayRun && <UndoRun run={run} />}
        </Group>
      </Stack>
    </Paper>
  )
}
