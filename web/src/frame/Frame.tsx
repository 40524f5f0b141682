import './frame.css'
import { ActionIcon } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { Outlet } from '@tanstack/react-router'
import { useState } from 'react'
import { useLive } from '../live/live.ts'
import { FrameSlotsContext } from '../ui/index.ts'
import { ActivityMenu } from './ActivityMenu.tsx'
import { BottomBar } from './BottomBar.tsx'
import { CommandPalette } from './CommandPalette.tsx'
import { palette } from './palette.ts'
import { Shortcuts } from './Shortcuts.tsx'
import { SideNav } from './SideNav.tsx'
import { useFocusAfterNavigation } from './use-focus-after-navigation.ts'

/** What surrounds every page of somebody signed in. */
export function Frame() {
  const [crumbs, setCrumbs] = useState<HTMLElement | null>(null)
  const [acts, setActs] = useState<HTMLElement | null>(null)
  const [slots, setSlots] = useState({ crumbs, acts })
  if (slots.crumbs !== crumbs || slots.acts !== acts) setSlots({ crumbs, acts })
  useLive()
  useFocusAfterNavigation()

  return (
    <FrameSlotsContext value={slots}>
      <a className="kd-skip" href="#main">
        Skip to the page
      </a>
      <div className="kd-frame">
        <SideNav />
        <div className="kd-content">
          <header className="kd-top">
            <div className="kd-top-crumbs" ref={setCrumbs} />
            <SearchButton />
            <ActivityMenu />
            <div className="kd-top-acts" ref={setActs} />
          </header>
          <main id="main" tabIndex={-1}>
            <Outlet />
          </main>
        </div>
        <BottomBar />
      </div>
      <CommandPalette />
      <Shortcuts />
    </FrameSlotsContext>
  )
}

function SearchButton() {
  return (
    <>
      <button type="button" className="kd-search-button" onClick={() => palette.open()}>
        <IconSearch size={16} stroke={1.5} aria-hidden />
        <span>Search or act</span>
        <kbd>/</kbd>
      </button>
      <ActionIcon
        className="kd-search-icon"
        size={44}
        aria-label="Search or act"
        onClick={() => palette.open()}
      >
        <IconSearch size={20} stroke={1.5} />
      </ActionIcon>
    </>
  )
}
