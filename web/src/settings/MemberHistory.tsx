import type { HistoryLine } from '@keydesk/server/contract/scim'
import { Button, UnstyledButton } from '@mantine/core'
import { IconArrowsExchange, IconLogin2, IconShieldCheck, IconUser } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type * as z from 'zod'
import { api } from '../api/index.ts'
import { CallDrawer } from '../provisioning/CallDrawer.tsx'
import { Ago, ProblemAlert, Section, Skeletons } from '../ui/index.ts'

const ICONS = { call: IconArrowsExchange, role: IconShieldCheck, account: IconUser, session: IconLogin2 }
const KINDS = { call: 'Provider', role: 'Role', account: 'Account', session: 'Session' }
const STEPS = [15, 50, 200]

/** What the provider sent, which roles came and went, and when they signed in: one story, newest first. */
export function MemberHistory({ memberId }: { memberId: string }) {
  const [step, setStep] = useState(0)
  const [callId, setCallId] = useState<string>()
  const limit = STEPS[step] ?? 200
  const history = useQuery({
    ...api.scim.getMemberHistory.queryOptions({ input: { memberId, limit } }),
    placeholderData: keepPreviousData,
  })
  const lines = history.data?.items ?? []
  return (
    <Section title="History" hint="Calls of the identity provider, role changes and sessions.">
      {history.isPending && <Skeletons label="Loading the history" rows={4} />}
      {history.error && <ProblemAlert error={history.error} title="The history could not be loaded" />}
      {history.isSuccess && lines.length === 0 && <p className="kd-hint">Nothing yet.</p>}
      <ol className="kd-timeline" aria-label="History">
        {lines.map((line) => {
          const Icon = ICONS[line.kind]
          return (
            <li key={`${line.at} ${line.kind} ${line.sentence}`}>
              <Icon size={16} stroke={1.5} aria-hidden />
              <div>
                <Sentence line={line} onOpen={setCallId} />
                <div className="kd-hint">
                  {KINDS[line.kind]} · {line.actor} · <Ago at={line.at} />
                  {line.status !== null && ` · ${line.status}`}
                </div>
              </div>
            </li>
          )
        })}
      </ol>
      <CallDrawer callId={callId} onClose={() => setCallId(undefined)} />
      {lines.length >= limit && step < STEPS.length - 1 && (
        <Button
          variant="subtle"
          size="compact-sm"
          loading={history.isFetching}
          style={{ alignSelf: 'flex-start' }}
          onClick={() => setStep(step + 1)}
        >
          Show older lines
        </Button>
      )}
    </Section>
  )
}

type Line = z.infer<typeof HistoryLine>

/** A call opens; of everything else the sentence is all there is. */
function Sentence({ line, onOpen }: { line: Line; onOpen: (callId: string) => void }) {
  const { callId, sentence } = line
  if (!callId) return sentence
  return (
    <UnstyledButton className="kd-link" onClick={() => onOpen(callId)}>
      {sentence}
    </UnstyledButton>
  )
}
