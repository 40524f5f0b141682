import { Group, Stack, Text } from '@mantine/core'
import { useSuspenseQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { api } from '../api/index.ts'
import { paths } from '../paths.ts'
import { EmptyState, Page } from '../ui/index.ts'
import { AskForm } from './AskForm.tsx'
import { ServiceIcon } from './ServiceIcon.tsx'
import { WhoDecides } from './WhoDecides.tsx'

const services = api.desk.listServices.queryOptions()

const home = { label: 'What do you need?', to: paths.home() }

const unknownService = (
  <EmptyState
    title="There is no such service"
    body="It may have been renamed or switched off. Everything you can ask for is on the first page."
  />
)

export function AskPage() {
  const { serviceKey } = useParams({ strict: false })
  const service = useSuspenseQuery(services).data.items.find(({ key }) => key === serviceKey)
  if (!service)
    return (
      <Page title="Ask" crumbs={[home]}>
        {unknownService}
      </Page>
    )

  return (
    <Page title={service.name} crumbs={[home]}>
      <Stack gap="lg" maw={640}>
        <Group wrap="nowrap" align="flex-start">
          <ServiceIcon icon={service.icon} size={44} />
          <Text c="dimmed">{service.description}</Text>
        </Group>
        <AskForm key={service.key} service={service} />
        <WhoDecides asks={service.asks} />
      </Stack>
    </Page>
  )
}
