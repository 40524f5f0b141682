import type { CatalogueEntry } from '@keydesk/server/contract/actions'
import { Stack, Text, UnstyledButton } from '@mantine/core'
import { useId } from 'react'
import { EmptyState } from '../ui/index.ts'
import styles from './ActionButtons.module.css'
import { byKind } from './wording.ts'

type Props = {
  entries: readonly CatalogueEntry[]
  /** What the request's service most likely leads to: it stands first. */
  suggested?: string | null | undefined
  onChoose: (entry: CatalogueEntry) => void
}

const empty = (
  <EmptyState
    title="No system is connected"
    body="Actions appear here once Okta is connected under Settings, Okta."
  />
)

export function ActionButtons({ entries, suggested, onChoose }: Props) {
  if (entries.length === 0) return empty
  const first = entries.filter(({ id }) => id === suggested)
  const kinds = [
    ...(first.length > 0 ? [{ title: 'Fits this request', entries: first }] : []),
    ...byKind(entries.filter(({ id }) => id !== suggested)),
  ]

  return (
    <Stack gap="sm">
      {kinds.map((kind) => (
        <fieldset key={kind.title} className={styles['kind']}>
          <legend className={styles['title']}>{kind.title}</legend>
          {kind.entries.map((entry) => (
            <ActionButton key={entry.id} entry={entry} onClick={() => onChoose(entry)} />
          ))}
        </fieldset>
      ))}
    </Stack>
  )
}

/** The whole row is the button's ground, but only the label is its name. */
function ActionButton({ entry, onClick }: { entry: CatalogueEntry; onClick: () => void }) {
  const hintId = useId()
  return (
    <div className={styles['action']}>
      <UnstyledButton
        className={styles['button']}
        data-dangerous={entry.dangerous || undefined}
        onClick={onClick}
        aria-describedby={hintId}
      >
        {entry.label}
      </UnstyledButton>
      <Text id={hintId} size="xs" c="dimmed">
        {entry.hint.replace(/\.?$/, '.')}
        {entry.gate === 'manager' && ' The manager approves first.'}
      </Text>
    </div>
  )
}
