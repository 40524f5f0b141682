import { Stack } from '@mantine/core'
import { useSuspenseQuery } from '@tanstack/react-query'
import { api } from '../api/index.ts'
import { EmptyState, Section, SettingsPage } from '../ui/index.ts'
import { ActionGate } from './ActionGate.tsx'
import { inSettings } from './crumbs.ts'
import { ServiceEntry } from './ServiceEntry.tsx'

const services = api.desk.listServices.queryOptions()
const catalogue = api.actions.listActions.queryOptions()

const noActions = (
  <EmptyState title="No system is connected" body="The actions of Okta appear here once it is connected." />
)

export function ServicesPage() {
  const { items } = useSuspenseQuery(services).data
  const actions = useSuspenseQuery(catalogue).data.items

  return (
    <SettingsPage
      title="Services and approvals"
      crumbs={inSettings}
      lead="What people can ask for, and which actions need a yes before they reach Okta."
    >
      <Section
        title="Action gates"
        hint="With a gate, an action waits for the manager of the person it is done to, whoever starts it. Without one it is sent at once."
      >
        {actions.length === 0 ? (
          noActions
        ) : (
          <Stack component="ul" gap={0} p={0} m={0} style={{ listStyle: 'none' }}>
            {actions.map((entry) => (
              <ActionGate key={entry.id} entry={entry} />
            ))}
          </Stack>
        )}
      </Section>
      <Section title="Services" hint="Each is a card in the portal, with a form of its own.">
        <Stack gap="sm">
          {items.map((service) => (
            <ServiceEntry
              key={service.id}
              service={service}
              action={actions.find(({ id }) => id === service.actionId)}
            />
          ))}
        </Stack>
      </Section>
    </SettingsPage>
  )
}
