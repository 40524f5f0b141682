import { MultiSelect } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { api } from '../api/index.ts'
import { helpBelow } from '../desk/help-below.ts'

type Props = {
  label: string
  help: string
  value: string[]
  onChange: (roleIds: string[]) => void
  onBlur?: () => void
  error?: ReactNode
  required?: boolean
}

export function RolePicker({ help, ...field }: Props) {
  const roles = useQuery(api.accounts.listRoles.queryOptions())
  return (
    <MultiSelect
      {...field}
      {...helpBelow}
      description={help}
      data={roles.data?.items.map(({ id, name }) => ({ value: id, label: name })) ?? []}
      searchable
      hidePickedOptions
      placeholder={field.value.length === 0 ? 'Choose roles' : ''}
      nothingFoundMessage="No role by this name"
    />
  )
}
