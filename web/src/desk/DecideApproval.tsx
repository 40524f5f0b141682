import type { Approval } from '@keydesk/server/contract/approvals'
import { Button, Group, Stack, Text, Textarea } from '@mantine/core'
import { IconLock } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../api/index.ts'
import { notifyDone, ProblemAlert } from '../ui/index.ts'
import { helpBelow } from './help-below.ts'
import { longLabel } from './long-label.ts'
import { actFor, inSentence } from './wording.ts'

type Decision = 'approved' | 'declined'

/** Two steps: choose, then confirm with an optional comment. What is confirmed is the digest of what is on screen. */
export function DecideApproval({ approval }: { approval: Approval }) {
  const [decision, setDecision] = useState<Decision>()
  const { shown } = approval
  // Without its object, which the question above names: "Approve: add to group".
  const act = inSentence(shown.action.replace(/\s*\buser\b/i, ''))

  if (!approval.mayDecide) return <MayNot reason={approval.mayNotReason} />
  if (decision)
    return (
      <Confirm
        key={decision}
        approval={approval}
        decision={decision}
        onCancel={() => setDecision(undefined)}
      />
    )
  return (
    <Group gap="xs" grow preventGrowOverflow={false}>
      <Button
        data-approve
        onClick={() => setDecision('approved')}
        aria-label={`Approve: ${act} for ${shown.target}`}
      >
        Approve: {act}
      </Button>
      <Button
        variant="default"
        onClick={() => setDecision('declined')}
        aria-label={`Decline: ${act} for ${shown.target}`}
      >
        Decline
      </Button>
    </Group>
  )
}

type ConfirmProps = { approval: Approval; decision: Decision; onCancel: () => void }

function Confirm({ approval, decision, onCancel }: ConfirmProps) {
  const [comment, setComment] = useState('')
  const queryClient = useQueryClient()
  const verb = decision === 'approved' ? 'Approve' : 'Decline'
  const { shown } = approval
  const decide = useMutation(
    api.approvals.decideApproval.mutationOptions({
      onSuccess: async () => {
        notifyDone(`${verb}d: ${inSentence(actFor(shown.action, shown.target))}`)
        await queryClient.invalidateQueries()
      },
    }),
  )

  function send() {
    decide.mutate({
      approvalId: approval.id,
      decision,
      digest: approval.digest,
      ...(comment.trim() ? { comment } : {}),
    })
  }

  return (
    <Stack gap="xs">
      <Textarea
        label="Comment (optional)"
        description={`${approval.askedBy.name} sees it, and it stays in the audit log.`}
        {...helpBelow}
        autosize
        minRows={2}
        maxLength={1000}
        data-autofocus
        autoFocus
        value={comment}
        onChange={(event) => setComment(event.currentTarget.value)}
        onKeyDown={(event) => event.key === 'Escape' && onCancel()}
      />
      {decide.error && <ProblemAlert error={decide.error} title="Your decision was not taken" />}
      <Group gap="xs">
        <Button
          {...longLabel}
          {...(decision === 'declined' ? { color: 'red.9' } : {})}
          loading={decide.isPending}
          onClick={send}
        >
          {verb} {inSentence(actFor(shown.action, shown.target))}
        </Button>
        <Button variant="default" onClick={onCancel}>
          Not now
        </Button>
      </Group>
    </Stack>
  )
}

function MayNot({ reason }: { reason: string | null }) {
  return (
    <Group gap={6} wrap="nowrap" c="dimmed" align="flex-start">
      <IconLock size={16} stroke={1.5} aria-hidden style={{ flex: 'none', marginTop: 2 }} />
      <Text size="sm">{reason ?? 'Somebody else decides this.'}</Text>
    </Group>
  )
}
