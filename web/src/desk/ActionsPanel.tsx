import type { ActionRun, CatalogueEntry } from '@keydesk/server/contract/actions'
import { Skeleton, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../api/index.ts'
import { useCan } from '../session/index.ts'
import { ProblemAlert, Section } from '../ui/index.ts'
import { ActionButtons } from './ActionButtons.tsx'
import { ActionConfirm } from './ActionConfirm.tsx'
import { OktaNow } from './OktaNow.tsx'
import { StartedRun } from './StartedRun.tsx'

type Props = {
  personId: string
  requestId?: string
  suggested?: string | null
  wantedGroupId?: string | undefined
}
type Stage = { at: 'choose' } | { at: 'confirm'; entry: CatalogueEntry } | { at: 'started'; run: ActionRun }

/** The person as Okta has them this second, and what can be done about it: choose, look at the plan, act. */
export function ActionsPanel({ personId, requestId, suggested, wantedGroupId }: Props) {
  const [stage, setStage] = useState<Stage>({ at: 'choose' })
  const mayRun = useCan('actions.run')
  const person = useQuery(api.directory.getPerson.queryOptions({ input: { personId } }))
  const catalogue = useQuery({ ...api.actions.listActions.queryOptions(), enabled: mayRun })
  const wanted = useQuery({
    ...api.directory.getGroup.queryOptions({ input: { groupId: wantedGroupId ?? '' } }),
    enabled: wantedGroupId !== undefined,
  })
  const choose = () => setStage({ at: 'choose' })

  return (
    <Stack gap="lg">
      <OktaNow personId={personId} />
      {mayRun && (
        <Section title="Act in Okta">
          {(person.error ?? catalogue.error) && (
            <ProblemAlert error={person.error ?? catalogue.error} title="The actions could not be loaded" />
          )}
          {(person.isPending || catalogue.isPending) && <Skeleton h={160} aria-label="Loading the actions" />}
          {stage.at === 'choose' && person.data && catalogue.data && (
            <ActionButtons
              entries={catalogue.data.items}
              suggested={suggested}
              onChoose={(entry) => setStage({ at: 'confirm', entry })}
            />
          )}
          {stage.at === 'confirm' && person.data && (
            <ActionConfirm
              key={stage.entry.id}
              entry={stage.entry}
              person={person.data}
              requestId={requestId}
              wantedGroup={wanted.data}
              onStarted={(run) => setStage({ at: 'started', run })}
              onCancel={choose}
            />
          )}
          {stage.at === 'started' && <StartedRun run={stage.run} onClose={choose} />}
        </Section>
      )}
    </Stack>
  )
}
