import { ActionIcon, Popover, RingProgress } from '@mantine/core'
import { IconActivity } from '@tabler/icons-react'
import { ProgressBar } from '../ui/index.ts'
import { useActivities } from './use-activities.ts'

/** Long work: what runs now, how far it is, how long it still takes. It goes on when the page is left. */
export function ActivityMenu() {
  const activities = useActivities()
  const first = activities[0]
  if (!activities.known) return null

  return (
    <Popover width={320} position="bottom-end" shadow="md" trapFocus={false}>
      <Popover.Target>
        <ActionIcon
          className="kd-activity"
          aria-label={first ? `Activity: ${first.label}` : 'Activity: nothing is running'}
        >
          {first ? (
            <RingProgress
              size={24}
              thickness={3}
              aria-hidden
              sections={[{ value: first.total ? (first.done / first.total) * 100 : 25, color: 'tide' }]}
            />
          ) : (
            <IconActivity size={18} stroke={1.5} />
          )}
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown aria-label="Activity" className="kd-activities">
        {activities.length === 0 && (
          <p className="kd-hint">Nothing is running. Long work, such as reading the directory, shows here.</p>
        )}
        {activities.map((activity) => (
          <ProgressBar key={activity.id} {...activity} />
        ))}
        {activities.length > 0 && <p className="kd-hint">Keep working; you are told when it is done.</p>}
      </Popover.Dropdown>
    </Popover>
  )
}
