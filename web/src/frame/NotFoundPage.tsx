import { Button } from '@mantine/core'
import { IconMapOff } from '@tabler/icons-react'
import { paths } from '../paths.ts'
import { AppLink, EmptyState, Page } from '../ui/index.ts'

export function NotFoundPage() {
  return (
    <Page title="No such page">
      <EmptyState
        icon={<IconMapOff size={32} stroke={1.25} />}
        title="There is no page at this address"
        body="It may have moved, or the address was cut short."
        act={
          <Button component={AppLink} to={paths.home()} variant="default">
            Go to the start
          </Button>
        }
      />
    </Page>
  )
}
