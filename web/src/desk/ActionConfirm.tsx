import type { ActionRun, CatalogueEntry } from '@keydesk/server/contract/actions'
import type { Group as OktaGroup, Person } from '@keydesk/server/contract/directory'
import { Button, Group, Paper, Stack, Text } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useState } from 'react'
import { ActionInputs } from './ActionInputs.tsx'
import { ActionPlanView } from './ActionPlanView.tsx'
import { defaultsOf, fieldsOf, type InputValue } from './action-input.ts'

type Props = {
  entry: CatalogueEntry
  person: Person
  requestId?: string | undefined
  /** The group that the request asks for: chosen beforehand, and changeable. */
  wantedGroup?: OktaGroup | undefined
  onStarted: (run: ActionRun) => void
  onCancel: () => void
}

/** Between choosing an action and doing it: its inputs, and under them the plan for exactly these. */
export function ActionConfirm({ entry, person, requestId, wantedGroup, onStarted, onCancel }: Props) {
  const [values, setValues] = useState(() => beginWith(entry, wantedGroup))
  const [settled] = useDebouncedValue(values, 300)
  const fields = fieldsOf(entry)
  const asked = fields.filter(({ kind }) => kind !== 'person')
  const complete = asked.every(({ key, required }) => !required || (settled[key] ?? '') !== '')
  const subject = fields.filter(({ kind }) => kind === 'person').map(({ key }) => [key, person.oktaUserId])

  return (
    <Paper component="section" withBorder p="sm" aria-label={`${entry.label}: ${person.displayName}`}>
      <Stack gap="sm">
        <div>
          <Text fw={600}>{entry.label}</Text>
          <Text size="sm" c="dimmed">
            {entry.hint}
          </Text>
        </div>
        {asked.length > 0 && (
          <ActionInputs
            entry={entry}
            person={person}
            fields={asked}
            wantedGroup={wantedGroup}
            values={values}
            onChange={(key, value) => setValues((before) => ({ ...before, [key]: value }))}
          />
        )}
        {complete ? (
          <ActionPlanView
            entry={entry}
            person={person}
            proposal={{
              actionId: entry.id,
              input: { ...given(settled), ...Object.fromEntries(subject) },
              ...(requestId ? { requestId } : {}),
            }}
            isStale={settled !== values}
            onStarted={onStarted}
            onCancel={onCancel}
          />
        ) : (
          <Group>
            <Button variant="default" onClick={onCancel}>
              Back to all actions
            </Button>
          </Group>
        )}
      </Stack>
    </Paper>
  )
}

function beginWith(entry: CatalogueEntry, wantedGroup: OktaGroup | undefined): Record<string, InputValue> {
  const group = fieldsOf(entry).find(({ kind }) => kind === 'group')
  return {
    ...defaultsOf(entry),
    ...(group && wantedGroup ? { [group.key]: wantedGroup.oktaGroupId } : {}),
  }
}

function given(values: Record<string, InputValue>) {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''))
}
