import { Stack, Text, Title } from '@mantine/core'
import { useSuspenseQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../api/index.ts'
import { EmptyState, Page, SearchField } from '../ui/index.ts'
import { MyOpenRequests } from './MyOpenRequests.tsx'
import { ServiceCards } from './ServiceCards.tsx'
import { searchServices } from './service-search.ts'
import { WaitingForMe } from './WaitingForMe.tsx'

const services = api.desk.listServices.queryOptions()

export function PortalHomePage() {
  const { items } = useSuspenseQuery(services).data
  const [typed, setTyped] = useState('')
  const found = searchServices(items, typed)

  return (
    <Page title="What do you need?">
      <Stack gap="xl" maw={960}>
        <Stack gap="md">
          <div>
            <SearchField label="Search what you can ask for" value={typed} onChange={setTyped} />
          </div>
          {found.length > 0 && <ServiceCards services={found} />}
          {found.length === 0 && items.length > 0 && (
            <Text c="dimmed">
              Nothing here is called “{typed}”. Try another word, or choose the closest one: the desk can move
              it.
            </Text>
          )}
          {items.length === 0 && (
            <EmptyState
              title="Nothing can be asked for yet"
              body="The services of your workspace appear here once an admin has set them up."
            />
          )}
        </Stack>
        <WaitingForMe />
        <Stack gap="xs" component="section" aria-labelledby="my-open-requests">
          <Title order={2} size="h4" id="my-open-requests">
            My open requests
          </Title>
          <MyOpenRequests />
        </Stack>
      </Stack>
    </Page>
  )
}
