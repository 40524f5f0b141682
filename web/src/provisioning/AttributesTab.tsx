import type { ScimSchema } from '@keydesk/server/contract/scim'
import { Button, Group, Text } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../api/index.ts'
import { CopyText, confirmAct, notifyProblem, ProblemAlert, Section, Skeletons } from '../ui/index.ts'
import { AddSchema } from './AddSchema.tsx'
import { useRefreshConnections } from './connections.ts'

/** Attributes beyond the standard ones. They belong to the workspace, so every connection can send them. */
export function AttributesTab() {
  const schemas = useQuery(api.scim.listSchemas.queryOptions())
  const [isAdding, setAdding] = useState(false)
  return (
    <div className="kd-page-narrow kd-record-main">
      <Section title="Standard attributes">
        <p className="kd-hint">
          Name, e-mail, phone numbers, addresses, title, language, time zone, roles and entitlements, and with
          the enterprise extension employee number, department, division, cost centre, organisation and
          manager. Keydesk keeps all of them and shows them on each member.
        </p>
      </Section>
      <Section
        title="Your own attributes"
        hint="A schema that you add is offered to every provider from the next call on, without a restart."
        acts={
          !isAdding && (
            <Button variant="default" onClick={() => setAdding(true)}>
              Add attributes
            </Button>
          )
        }
      >
        {schemas.isPending && <Skeletons label="Loading the attributes" rows={3} />}
        {schemas.error && (
          <ProblemAlert
            error={schemas.error}
            title="The attributes could not be loaded"
            onRetry={() => void schemas.refetch()}
          />
        )}
        {isAdding && <AddSchema onDone={() => setAdding(false)} />}
        {schemas.data?.items.length === 0 && !isAdding && (
          <p className="kd-hint">
            None yet. Add them when your provider sends something the standard has no place for, such as a
            shift or a badge number.
          </p>
        )}
        {schemas.data?.items.map((schema) => (
          <SchemaLines key={schema.id} schema={schema} />
        ))}
      </Section>
    </div>
  )
}

function SchemaLines({ schema }: { schema: ScimSchema }) {
  const refresh = useRefreshConnections()
  const remove = useMutation(
    api.scim.removeSchema.mutationOptions({ onSuccess: refresh, onError: notifyProblem }),
  )

  async function ask() {
    const sure = await confirmAct({
      title: `Remove the attributes of ${schema.name}?`,
      body: 'Providers no longer see them, and what they send of them is left aside. What members have of them is kept, unseen, until they are written again.',
      verb: `Remove ${schema.name}`,
      danger: true,
    })
    if (sure) remove.mutate({ schemaId: schema.id })
  }

  return (
    <div>
      <Group justify="space-between" gap="xs">
        <div>
          <Text fw={500}>{schema.name}</Text>
          <CopyText value={schema.id} mono />
        </div>
        <Button variant="default" size="xs" loading={remove.isPending} onClick={ask}>
          Remove {schema.name}
        </Button>
      </Group>
      {schema.description && <p className="kd-hint">{schema.description}</p>}
      <ul className="kd-line-list" aria-label={`Attributes of ${schema.name}`}>
        {schema.attributes.map((attribute) => (
          <li key={String(attribute['name'])}>
            <span className="kd-mono">{String(attribute['name'])}</span>
            <span className="kd-dim">{typeInWords(attribute)}</span>
          </li>
        ))}
      </ul>
    </div>
  )
}

const TYPES: Record<string, string> = {
  string: 'Text',
  boolean: 'Yes or no',
  integer: 'Whole number',
  decimal: 'Number',
  dateTime: 'Time',
}

function typeInWords({ type, multiValued }: Record<string, unknown>) {
  const word = TYPES[String(type)] ?? String(type)
  return multiValued === true ? `${word}, several` : word
}
