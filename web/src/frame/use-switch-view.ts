import { useRouter } from '@tanstack/react-router'
import { paths } from '../paths.ts'
import { useSession } from '../session/index.ts'
import { chooseView, viewOf } from './view.ts'

/** From the console to one's own portal, and back. */
export function useSwitchView() {
  const session = useSession()
  const router = useRouter()

  return () => {
    const next = viewOf(session) === 'portal' ? 'console' : 'portal'
    chooseView(next)
    router.history.push(next === 'portal' ? paths.home() : paths.inbox())
  }
}
