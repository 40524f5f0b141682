import type { CatalogueEntry } from '@keydesk/server/contract/actions'
import type { Service } from '@keydesk/server/contract/desk'
import { Group, Paper, Stack, Text, Title } from '@mantine/core'
import { ServiceIcon } from '../desk/ServiceIcon.tsx'
import { Facts } from '../ui/index.ts'

/** A service as it is set up: read only. */
export function ServiceEntry({ service, action }: { service: Service; action: CatalogueEntry | undefined }) {
  return (
    <Paper component="article" withBorder p="md" aria-label={service.name}>
      <Stack gap="sm">
        <Group wrap="nowrap" align="flex-start" gap="sm">
          <ServiceIcon icon={service.icon} />
          <div>
            <Title order={3}>{service.name}</Title>
            <Text size="sm" c="dimmed">
              {service.description}
            </Text>
          </div>
        </Group>
        <Facts
          items={[
            {
              label: 'The form asks',
              value: service.fields.map(({ label }) => label).join(' · ') || 'Nothing',
            },
            {
              label: 'Leads to',
              value: action ? actionIn(action) : 'Whatever the agent decides',
              hint: 'The action that stands first beside such a request',
            },
          ]}
        />
      </Stack>
    </Paper>
  )
}

function actionIn({ label, gate }: CatalogueEntry) {
  return gate === 'manager' ? `${label}, once the manager approved` : label
}
