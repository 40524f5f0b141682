import { IconUsersGroup } from '@tabler/icons-react'

export function GroupMark({ size = 24 }: { size?: number }) {
  return (
    <span className="kd-app-mark" style={{ width: size, height: size }} aria-hidden>
      <IconUsersGroup size={Math.round(size * 0.65)} stroke={1.5} />
    </span>
  )
}
