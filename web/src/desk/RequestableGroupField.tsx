import { Select, type SelectProps } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../api/index.ts'
import { useDebounced } from '../ui/index.ts'

type Props = Pick<
  SelectProps,
  'name' | 'label' | 'description' | 'required' | 'inputWrapperOrder' | 'onBlur' | 'error'
> & { value: string; onChange: (groupId: string) => void }

/** A group that may be asked for, found by typing part of its name. */
export function RequestableGroupField({ value, onChange, ...field }: Props) {
  const [typed, setTyped] = useState('')
  const search = useDebounced(typed, 200)
  const groups = useQuery({
    ...api.desk.listRequestableGroups.queryOptions({ input: search ? { search } : {} }),
    placeholderData: keepPreviousData,
  })

  const data = (groups.data?.items ?? []).map(({ id, name }) => ({ value: id, label: name }))

  return (
    <Select
      {...field}
      searchable
      clearable
      data={data}
      value={value || null}
      onChange={(chosen) => onChange(chosen ?? '')}
      onSearchChange={setTyped}
      // The server has already searched; a chosen name in the box must not hide the others.
      filter={({ options }) => options}
      placeholder="Type part of its name"
      nothingFoundMessage={groups.isPending ? 'Looking…' : 'No group with this name can be asked for'}
    />
  )
}
