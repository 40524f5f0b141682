import { useMantineColorScheme } from '@mantine/core'
import { Spotlight } from '@mantine/spotlight'
import {
  IconKeyboard,
  IconListDetails,
  IconLogout,
  IconMoon,
  IconSearch,
  IconSun,
  IconSwitchHorizontal,
  IconUsersGroup,
} from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'
import { type ReactNode, useEffect, useState } from 'react'
import { api } from '../api/client.ts'
import { paths } from '../paths.ts'
import { useCan, useSession } from '../session/index.ts'
import { useSignOut } from '../session/use-sign-out.ts'
import { Initials, useDebounced } from '../ui/index.ts'
import { entriesFor, hasSettings, settings } from './entries.ts'
import { paletteStore, selectFirstEntry } from './palette.ts'
import { openShortcutHelp } from './shortcut-help.ts'
import { useSwitchView } from './use-switch-view.ts'
import { viewOf } from './view.ts'

interface Found {
  key: string
  label: string
  description?: string
  icon: ReactNode
  onClick: () => void
}

/** Search and acts in one field: `/` or Ctrl K. */
export function CommandPalette() {
  const [query, setQuery] = useState('')
  const groups = [
    { label: 'Go to', items: usePlaces(query) },
    { label: 'Do', items: useActs(query) },
    ...useFound(query),
  ].filter(({ items }) => items.length > 0)
  const shown = groups.flatMap(({ items }) => items.map(({ key }) => key)).join(' ')
  // Enter opens the first. Mantine selects it when the query changes, and the server answers after that.
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is shown changes what can be selected
  useEffect(() => {
    if (query) selectFirstEntry()
  }, [query, shown])

  return (
    <Spotlight.Root
      store={paletteStore}
      query={query}
      onQueryChange={setQuery}
      shortcut={['mod + K', '/']}
      scrollable
      maxHeight={440}
      shadow="md"
      transitionProps={{ duration: 100 }}
      overlayProps={{ blur: 0 }}
      attributes={{ content: { 'aria-label': 'Search or act' } }}
    >
      <Spotlight.Search
        placeholder="Search, or do something"
        aria-label="Search or act"
        leftSection={<IconSearch size={18} stroke={1.5} aria-hidden />}
      />
      <Spotlight.ActionsList>
        {groups.map(({ label, items }) => (
          <Spotlight.ActionsGroup key={label} label={label}>
            {items.map(({ key, icon, label: itemLabel, description, onClick }) => (
              <Spotlight.Action
                key={key}
                label={itemLabel}
                {...(description ? { description } : {})}
                leftSection={icon}
                onClick={onClick}
              />
            ))}
          </Spotlight.ActionsGroup>
        ))}
        {groups.length === 0 && <Spotlight.Empty>Nothing of that name</Spotlight.Empty>}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  )
}

function usePlaces(query: string): Found[] {
  const session = useSession()
  const router = useRouter()
  const entries = [...entriesFor(session), ...(hasSettings(session) ? [settings] : [])]

  return entries
    .filter(({ label }) => fits(label, query))
    .map(({ label, to, icon: Icon }) => ({
      key: label,
      label,
      icon: <Icon size={18} stroke={1.5} />,
      onClick: () => router.history.push(to),
    }))
}

function useActs(query: string): Found[] {
  const session = useSession()
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const switchView = useSwitchView()
  const signOut = useSignOut()
  const dark = colorScheme === 'dark'

  const acts: Found[] = [
    {
      key: 'scheme',
      label: dark ? 'Switch to the light theme' : 'Switch to the dark theme',
      icon: dark ? <IconSun size={18} stroke={1.5} /> : <IconMoon size={18} stroke={1.5} />,
      onClick: () => setColorScheme(dark ? 'light' : 'dark'),
    },
    ...(session.member && session.person
      ? [
          {
            key: 'view',
            label: viewOf(session) === 'portal' ? 'Go to the console' : 'Go to my portal',
            icon: <IconSwitchHorizontal size={18} stroke={1.5} />,
            onClick: switchView,
          },
        ]
      : []),
    {
      key: 'keys',
      label: 'Show keyboard shortcuts',
      icon: <IconKeyboard size={18} stroke={1.5} />,
      onClick: openShortcutHelp,
    },
    { key: 'out', label: 'Sign out', icon: <IconLogout size={18} stroke={1.5} />, onClick: signOut },
  ]
  return acts.filter(({ label }) => fits(label, query))
}

/** What the server finds; asked once the typing rests. */
function useFound(query: string): { label: string; items: Found[] }[] {
  const router = useRouter()
  const mayPeople = useCan('people.read')
  const agent = useCan('requests.read')
  const search = useDebounced(query.trim(), 200)
  const asked = search.length >= 2
  const input = { search, limit: 5 }
  const shared = { placeholderData: keepPreviousData, staleTime: 10_000 }

  const people = useQuery(
    api.directory.listPeople.queryOptions({ input, enabled: asked && mayPeople, ...shared }),
  )
  const groups = useQuery(
    api.directory.listGroups.queryOptions({ input, enabled: asked && mayPeople, ...shared }),
  )
  const requests = useQuery(api.desk.listRequests.queryOptions({ input, enabled: asked, ...shared }))
  if (!asked || query.trim().length < 2) return []

  return [
    {
      label: 'People',
      items: (people.data?.items ?? []).map((person) => ({
        key: person.id,
        label: person.displayName,
        description: [person.title, person.email].filter(Boolean).join(' · '),
        icon: <Initials name={person.displayName} />,
        onClick: () => router.history.push(paths.person(person.id)),
      })),
    },
    {
      label: 'Requests',
      items: (requests.data?.items ?? []).map((request) => ({
        key: request.id,
        label: `#${request.number} ${request.title}`,
        description: request.requester.displayName,
        icon: <IconListDetails size={18} stroke={1.5} />,
        onClick: () =>
          router.history.push(agent ? paths.request(request.number) : paths.myRequest(request.number)),
      })),
    },
    {
      label: 'Groups',
      items: (groups.data?.items ?? []).map((group) => ({
        key: group.id,
        label: group.name,
        description: group.description ?? '',
        icon: <IconUsersGroup size={18} stroke={1.5} />,
        onClick: () => router.history.push(paths.group(group.id)),
      })),
    },
  ]
}

function fits(label: string, query: string) {
  return label.toLowerCase().includes(query.trim().toLowerCase())
}
