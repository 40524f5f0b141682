import { PERMISSIONS, type Permission } from '@keydesk/server/contract/accounts'
import { Checkbox, Stack } from '@mantine/core'
import type { ReactNode } from 'react'

type Props = {
  label: string
  value: Permission[]
  onChange: (permissions: Permission[]) => void
  error?: ReactNode
}

/** Permissions by the sentence that says what each allows; its name stands below, for those who script. */
export function PermissionPicker({ label, value, onChange, error }: Props) {
  return (
    <Checkbox.Group
      label={label}
      value={value}
      onChange={(chosen) => onChange(chosen.filter(isPermission))}
      error={error}
    >
      <Stack gap="xs" mt="xs">
        {Object.entries(PERMISSIONS).map(([permission, sentence]) => (
          <Checkbox
            key={permission}
            value={permission}
            label={sentence}
            description={<span className="kd-mono">{permission}</span>}
          />
        ))}
      </Stack>
    </Checkbox.Group>
  )
}

function isPermission(value: string): value is Permission {
  return Object.hasOwn(PERMISSIONS, value)
}
