import type { Service } from '@keydesk/server/contract/desk'
import { Group, Paper, SimpleGrid, Stack, Text } from '@mantine/core'
import { paths } from '../paths.ts'
import { AppLink } from '../ui/index.ts'
import { ServiceIcon } from './ServiceIcon.tsx'

export function ServiceCards({ services }: { services: readonly Service[] }) {
  return (
    <SimpleGrid
      component="ul"
      cols={{ base: 1, sm: 2, md: 3 }}
      spacing="sm"
      p={0}
      m={0}
      style={{ listStyle: 'none' }}
    >
      {services.map((service) => (
        <li key={service.id}>
          <ServiceCard service={service} />
        </li>
      ))}
    </SimpleGrid>
  )
}

function ServiceCard({ service }: { service: Service }) {
  return (
    <Paper
      withBorder
      p="md"
      h="100%"
      c="inherit"
      renderRoot={(props) => <AppLink {...props} to={paths.ask(service.key)} />}
    >
      <Group wrap="nowrap" align="flex-start" gap="sm">
        <ServiceIcon icon={service.icon} />
        <Stack gap={2} miw={0}>
          <Text fw={600}>{service.name}</Text>
          <Text size="sm" c="dimmed" lineClamp={3}>
            {service.description}
          </Text>
        </Stack>
      </Group>
    </Paper>
  )
}
