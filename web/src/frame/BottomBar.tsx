import { Drawer } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconMenu2 } from '@tabler/icons-react'
import { useLocation } from '@tanstack/react-router'
import { useEffect } from 'react'
import { useSession } from '../session/index.ts'
import { entriesFor, hasSettings, isHere, settings } from './entries.ts'
import { MeMenu } from './MeMenu.tsx'
import { NavLink } from './NavLink.tsx'

/** The navigation of a phone: three entries under the thumb, the rest in a drawer. */
export function BottomBar() {
  const session = useSession()
  const [opened, drawer] = useDisclosure(false)
  const pathname = useLocation({ select: (location) => location.pathname })
  const entries = entriesFor(session)
  const drawn = [...entries.slice(3), ...(hasSettings(session) ? [settings] : [])]

  // biome-ignore lint/correctness/useExhaustiveDependencies: any new page closes the drawer
  useEffect(() => drawer.close(), [pathname])

  return (
    <nav className="kd-bottom" aria-label="Main">
      {entries.slice(0, 3).map((entry) => (
        <NavLink key={entry.label} entry={entry} />
      ))}
      <button
        type="button"
        className="kd-nav-link"
        aria-expanded={opened}
        aria-current={drawn.some((entry) => isHere(entry, pathname)) ? 'true' : undefined}
        onClick={drawer.open}
      >
        <IconMenu2 size={16} stroke={1.5} aria-hidden />
        <span>More</span>
      </button>
      <Drawer
        opened={opened}
        onClose={drawer.close}
        position="bottom"
        size="auto"
        title={session.workspace.name}
        classNames={{ content: 'kd-drawer' }}
        closeButtonProps={{ 'aria-label': 'Close', size: 44 }}
      >
        {drawn.map((entry) => (
          <NavLink key={entry.label} entry={entry} />
        ))}
        <MeMenu />
      </Drawer>
    </nav>
  )
}
