import './sign-in.css'
import { Title } from '@mantine/core'
import { useDocumentTitle } from '@mantine/hooks'
import type { ReactNode } from 'react'

/** The page around every step of signing in. */
export function SignInShell({
  title,
  lead,
  children,
}: {
  title: string
  lead?: ReactNode
  children: ReactNode
}) {
  useDocumentTitle(`${title} · Keydesk`)
  return (
    <div className="kd-sign-in">
      <main>
        <div className="kd-sign-in-head">
          <img src="/keydesk.svg" alt="Keydesk" width={40} height={40} />
          <div>
            <Title order={1}>{title}</Title>
            {lead && <p className="kd-dim">{lead}</p>}
          </div>
        </div>
        {children}
      </main>
    </div>
  )
}
