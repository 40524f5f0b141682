import { Combobox, useCombobox } from '@mantine/core'
import { IconChevronDown, IconX } from '@tabler/icons-react'
import { useState } from 'react'

interface ChipFilter {
  key: string
  label: string
  value: string | undefined
  options: readonly { value: string; label: string; count?: number }[]
}

export interface FilterChipsProps {
  filters: readonly ChipFilter[]
  onChange: (key: string, value: string | undefined) => void
}

/** Filters as chips: "Department" offers its values, "Department: Finance ×" is one that holds. */
export function FilterChips({ filters, onChange }: FilterChipsProps) {
  return (
    <fieldset className="kd-chips" aria-label="Filters">
      {filters.map((filter) => (
        <FilterChip key={filter.key} filter={filter} onChange={(value) => onChange(filter.key, value)} />
      ))}
    </fieldset>
  )
}

function FilterChip(props: { filter: ChipFilter; onChange: (value: string | undefined) => void }) {
  const { filter, onChange } = props
  const [search, setSearch] = useState('')
  const combobox = useCombobox({
    onDropdownClose: () => {
      combobox.resetSelectedOption()
      setSearch('')
    },
    onDropdownOpen: () => combobox.focusSearchInput(),
  })
  const chosen = filter.options.find((option) => option.value === filter.value)
  const found = filter.options.filter((option) =>
    option.label.toLowerCase().includes(search.trim().toLowerCase()),
  )

  return (
    <Combobox
      store={combobox}
      width={260}
      position="bottom-start"
      shadow="md"
      withinPortal={false}
      onOptionSubmit={(value) => {
        onChange(value === filter.value ? undefined : value)
        combobox.closeDropdown()
      }}
    >
      <span className="kd-chip" data-on={filter.value !== undefined || undefined}>
        <Combobox.Target targetType="button" withAriaAttributes={false}>
          <button
            type="button"
            aria-haspopup="listbox"
            aria-expanded={combobox.dropdownOpened}
            onClick={() => combobox.toggleDropdown()}
          >
            {filter.value === undefined ? filter.label : `${filter.label}: ${chosen?.label ?? filter.value}`}
            {filter.value === undefined && <IconChevronDown size={14} stroke={1.5} aria-hidden />}
          </button>
        </Combobox.Target>
        {filter.value !== undefined && (
          <button
            type="button"
            aria-label={`Remove the filter ${filter.label}`}
            onClick={() => onChange(undefined)}
          >
            <IconX size={14} stroke={1.5} aria-hidden />
          </button>
        )}
      </span>
      <Combobox.Dropdown>
        {filter.options.length > 7 && (
          <Combobox.Search
            value={search}
            onChange={(event) => setSearch(event.currentTarget.value)}
            placeholder={`Find ${filter.label.toLowerCase()}`}
            aria-label={`Find ${filter.label.toLowerCase()}`}
          />
        )}
        <Combobox.Options aria-label={filter.label} mah={280} style={{ overflowY: 'auto' }}>
          {found.map((option) => (
            <Combobox.Option key={option.value} value={option.value} active={option.value === filter.value}>
              <span className="kd-chip-option">
                <span>{option.label}</span>
                {option.count !== undefined && (
                  <span className="kd-dim">{option.count.toLocaleString()}</span>
                )}
              </span>
            </Combobox.Option>
          ))}
          {found.length === 0 && <Combobox.Empty>Nothing of that name</Combobox.Empty>}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  )
}
