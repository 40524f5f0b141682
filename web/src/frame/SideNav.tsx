import { ActionIcon, Tooltip } from '@mantine/core'
import { useLocalStorage } from '@mantine/hooks'
import { IconLayoutSidebarLeftCollapse, IconLayoutSidebarLeftExpand } from '@tabler/icons-react'
import { paths } from '../paths.ts'
import { useSession } from '../session/index.ts'
import { AppLink } from '../ui/index.ts'
import { entriesFor, hasSettings, settings } from './entries.ts'
import { MeMenu } from './MeMenu.tsx'
import { NavLink } from './NavLink.tsx'

/** The navigation at the left, wide or as icons. */
export function SideNav() {
  const session = useSession()
  const [bare, setBare] = useLocalStorage({
    key: 'keydesk.nav-collapsed',
    defaultValue: false,
    getInitialValueInEffect: false,
  })
  const toggle = bare ? 'Expand the navigation' : 'Collapse the navigation'

  return (
    <nav className="kd-nav" aria-label="Main" data-bare={bare || undefined}>
      <div className="kd-nav-head">
        {!bare && (
          <AppLink to={paths.home()} className="kd-nav-brand">
            <img src="/keydesk.svg" alt="" width={22} height={22} />
            <span>{session.workspace.name}</span>
          </AppLink>
        )}
        <Tooltip label={toggle} position="right">
          <ActionIcon aria-label={toggle} aria-expanded={!bare} onClick={() => setBare(!bare)}>
            {bare ? (
              <IconLayoutSidebarLeftExpand size={18} stroke={1.5} />
            ) : (
              <IconLayoutSidebarLeftCollapse size={18} stroke={1.5} />
            )}
          </ActionIcon>
        </Tooltip>
      </div>
      {entriesFor(session).map((entry) => (
        <NavLink key={entry.label} entry={entry} bare={bare} />
      ))}
      <div className="kd-nav-foot">
        {hasSettings(session) && <NavLink entry={settings} bare={bare} />}
        <MeMenu bare={bare} />
      </div>
    </nav>
  )
}
