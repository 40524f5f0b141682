/** Console or portal: members choose, everybody else has the portal. */
import type { Session } from '@keydesk/server/contract/accounts'

export type View = 'console' | 'portal'

const key = 'keydesk.view'

export function viewOf(session: Session): View {
  if (!session.member) return 'portal'
  if (!session.person) return 'console'
  try {
    return localStorage.getItem(key) === 'portal' ? 'portal' : 'console'
  } catch {
    return 'console'
  }
}

export function chooseView(view: View) {
  try {
    localStorage.setItem(key, view)
  } catch {
    // Without storage there is the console, as after any sign-in.
  }
}
