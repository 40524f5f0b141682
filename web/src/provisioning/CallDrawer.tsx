import type { ScimCallDetail } from '@keydesk/server/contract/scim'
import { Alert, Button, Drawer, Group, List, Stack, Text } from '@mantine/core'
import { IconBulb } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { api } from '../api/index.ts'
import { paths } from '../paths.ts'
import {
  Ago,
  AppLink,
  CodeBlock,
  CopyText,
  Facts,
  ProblemAlert,
  Section,
  Skeletons,
  StateBadge,
} from '../ui/index.ts'
import { OUTCOME } from './connections.ts'
import { StateOf } from './StateOf.tsx'
import { readablePath, tookOf } from './wording.ts'

type Props = {
  callId: string | undefined
  onClose: () => void /** Where there is a list to narrow to one person. */
  onPerson?: (memberId: string) => void
}

/** One call: what it did and what to do first, then what was said on the wire. */
export function CallDrawer({ callId, onClose, onPerson }: Props) {
  const call = useQuery(
    api.scim.getCall.queryOptions({ input: { callId: callId ?? '' }, enabled: callId !== undefined }),
  )
  return (
    <Drawer
      opened={callId !== undefined}
      onClose={onClose}
      position="right"
      size="lg"
      title="Call"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {call.data && callId === call.data.id && (
        <CallStory call={call.data} {...(onPerson ? { onPerson } : {})} />
      )}
      {call.error && <ProblemAlert error={call.error} title="This call could not be loaded" />}
      {call.isPending && callId && <Skeletons label="Loading the call" rows={8} />}
    </Drawer>
  )
}

function CallStory({ call, onPerson }: { call: ScimCallDetail; onPerson?: (memberId: string) => void }) {
  const { memberId } = call
  return (
    <Stack gap="lg">
      <Stack gap="xs">
        <Group gap="xs">
          <StateOf of={OUTCOME[call.outcome]} />
          {call.shadow && (
            <StateBadge tone="waiting" hint="It changed a copy that nobody sees">
              While watching
            </StateBadge>
          )}
        </Group>
        <Text fw={500}>{call.explanation}</Text>
        {call.remedy && (
          <Alert className="kd-notice" icon={<IconBulb size={18} stroke={1.5} />} title="What to do">
            <Text size="sm">{call.remedy}</Text>
          </Alert>
        )}
      </Stack>
      <Facts
        items={[
          { label: 'When', value: <Ago at={call.at} /> },
          { label: 'Call', value: <CopyText value={`${call.method} ${readablePath(call.path)}`} mono /> },
          { label: 'Answer', value: `${call.status} in ${tookOf(call.milliseconds)}` },
          { label: 'About', value: call.subject },
          ...(call.times > 1
            ? [{ label: 'Repeated', value: `This line stands for ${call.times.toLocaleString()} like calls` }]
            : []),
          { label: 'From', value: call.ip },
          { label: 'Program', value: call.userAgent },
          { label: 'Id', value: <CopyText value={call.id} mono /> },
        ]}
      />
      {memberId && onPerson && (
        <Group gap="xs">
          <Button component={AppLink} to={paths.members({ member: memberId })} variant="default" size="xs">
            Open {call.subject ?? 'the member'}
          </Button>
          <Button variant="default" size="xs" onClick={() => onPerson(memberId)}>
            Only calls about them
          </Button>
        </Group>
      )}
      {call.tolerated.length > 0 && (
        <Section
          title="Understood all the same"
          hint="The standard does not allow these; Keydesk knows what this provider means by them."
        >
          <List size="sm">
            {call.tolerated.map((deviation) => (
              <List.Item key={deviation}>{deviation}</List.Item>
            ))}
          </List>
        </Section>
      )}
      {call.request && <CodeBlock title="Request" text={pretty(call.request)} />}
      {call.answer && <CodeBlock title="Answer" text={pretty(call.answer)} />}
      <CodeBlock title="Replay as curl" text={call.curl} />
    </Stack>
  )
}

// A body that was cut is no longer JSON; it is shown as it is.
function pretty(body: string) {
  try {
    return JSON.stringify(JSON.parse(body), null, 2)
  } catch {
    return body
  }
}
