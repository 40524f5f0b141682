import { Button } from '@mantine/core'
import { IconFilterOff } from '@tabler/icons-react'
import { EmptyState } from '../ui/index.ts'

/** A list whose filters let nothing through. */
export function NothingFits({ what, onClear }: { what: string; onClear: () => void }) {
  return (
    <EmptyState
      icon={<IconFilterOff size={32} stroke={1.25} />}
      title={`No ${what} like that`}
      body="The search and the filters together let nothing through."
      act={
        <Button variant="default" onClick={onClear}>
          Clear search and filters
        </Button>
      }
    />
  )
}
