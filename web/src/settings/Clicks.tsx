import { List } from '@mantine/core'
import type { ReactNode } from 'react'

/** Things to click elsewhere, one a line, in order. */
export function Clicks({ children }: { children: ReactNode }) {
  return (
    <List type="ordered" size="sm" spacing={4} style={{ overflowWrap: 'anywhere' }}>
      {children}
    </List>
  )
}
