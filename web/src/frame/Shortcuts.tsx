import { Modal } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useRouter } from '@tanstack/react-router'
import { useEffect } from 'react'
import { useSession } from '../session/index.ts'
import { isTyping } from '../ui/index.ts'
import { type Entry, entriesFor, hasSettings, settings } from './entries.ts'
import { onShortcutHelp } from './shortcut-help.ts'

const pauseMs = 1_200

/** The keys that work on every page, and the overlay that lists them. */
export function Shortcuts() {
  const session = useSession()
  const [opened, help] = useDisclosure(false)
  const entries = [...entriesFor(session), ...(hasSettings(session) ? [settings] : [])]
  useGoTo(entries)
  useEffect(() => onShortcutHelp(help.open), [help.open])

  useEffect(() => {
    function onKey(event: KeyboardEvent) {
      if (event.key !== '?' || isTyping(event.target)) return
      event.preventDefault()
      help.open()
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [help.open])

  return (
    <Modal
      opened={opened}
      onClose={help.close}
      title="Keyboard shortcuts"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <dl className="kd-keys">
        <Keys keys={['/']} or={['Ctrl', 'K']} what="Search, go somewhere, do something" />
        {entries.map((entry) => (
          <Keys key={entry.label} keys={['g', entry.key]} what={`Go to ${entry.label}`} />
        ))}
        <Keys keys={['j']} what="Next row of a table" />
        <Keys keys={['k']} what="Row before" />
        <Keys keys={['Enter']} what="Open the row" />
        <Keys keys={['Esc']} what="Close what is open" />
        <Keys keys={['?']} what="This list" />
      </dl>
    </Modal>
  )
}

function Keys({ keys, or, what }: { keys: readonly string[]; or?: readonly string[]; what: string }) {
  return (
    <div>
      <dt>
        {keys.map((key) => (
          <kbd key={key}>{key}</kbd>
        ))}
        {or && <span className="kd-dim"> or </span>}
        {or?.map((key) => (
          <kbd key={key}>{key}</kbd>
        ))}
      </dt>
      <dd>{what}</dd>
    </div>
  )
}

/** `g`, then within a moment the letter of a place. */
function useGoTo(entries: readonly Entry[]) {
  const router = useRouter()
  useEffect(() => {
    let armedUntil = 0
    function onKey(event: KeyboardEvent) {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
      const now = performance.now()
      if (now > armedUntil) {
        if (event.key === 'g') armedUntil = now + pauseMs
        return
      }
      armedUntil = 0
      const entry = entries.find(({ key }) => key === event.key)
      if (!entry) return
      event.preventDefault()
      router.history.push(entry.to)
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [entries, router])
}
