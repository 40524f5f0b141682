/** Fields that choose a group or an app of the directory and answer with Okta's id of it. */
import type { Group } from '@keydesk/server/contract/directory'
import { Select } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../api/index.ts'
import { useDebounced } from '../ui/index.ts'

type Props = {
  label: string
  description?: string | undefined
  required: boolean
  value: string
  onChange: (oktaId: string) => void
}

/** `wanted` is the group the request asks for: offered even where the search does not reach it. */
export function GroupPicker({ wanted, ...props }: Props & { wanted?: Group | undefined }) {
  const { search, setTyped } = useTyped()
  const groups = useQuery({
    ...api.directory.listGroups.queryOptions({ input: { ...search, type: 'OKTA_GROUP', limit: 20 } }),
    placeholderData: keepPreviousData,
  })
  const found = groups.data?.items.filter(({ id }) => id !== wanted?.id)
  const options = [...(wanted ? [wanted] : []), ...(found ?? [])].map(optionOf)
  return (
    <Picker {...props} options={options} onType={setTyped} nothing="No group of Okta's own has this name" />
  )
}

function optionOf({ oktaGroupId, name }: Group) {
  return { value: oktaGroupId, label: name }
}

/** The groups the person is in this second, of those that can be changed from here. */
export function OwnGroupPicker({ personId, ...props }: Props & { personId: string }) {
  const state = useQuery({
    ...api.okta.getOktaUserState.queryOptions({ input: { personId } }),
    staleTime: 15_000,
  })
  const options = state.data?.groups
    .filter(({ type }) => type === 'OKTA_GROUP')
    .map(({ id, name }) => ({ value: id, label: name }))
  return <Picker {...props} options={options} nothing="In no group of Okta's own with this name" />
}

export function AppPicker(props: Props) {
  const { search, setTyped } = useTyped()
  const apps = useQuery({
    ...api.directory.listApps.queryOptions({ input: { ...search, limit: 20 } }),
    placeholderData: keepPreviousData,
  })
  const options = apps.data?.items.map(({ oktaAppId, name }) => ({ value: oktaAppId, label: name }))
  return <Picker {...props} options={options} onType={setTyped} nothing="No app has this name" />
}

type PickerProps = Props & {
  options: { value: string; label: string }[] | undefined
  nothing: string
  /** Present when the server searches; otherwise the options are all there are. */
  onType?: (typed: string) => void
}

function Picker({ label, description, required, value, onChange, options, nothing, onType }: PickerProps) {
  return (
    <Select
      label={label}
      description={description}
      required={required}
      searchable
      clearable
      placeholder="Type part of its name"
      data={options ?? []}
      value={value || null}
      onChange={(chosen) => onChange(chosen ?? '')}
      nothingFoundMessage={options ? nothing : 'Looking…'}
      {...(onType ? { onSearchChange: onType, filter: ({ options: found }) => found } : {})}
    />
  )
}

function useTyped() {
  const [typed, setTyped] = useState('')
  const search = useDebounced(typed, 200)
  return { search: search ? { search } : {}, setTyped }
}
