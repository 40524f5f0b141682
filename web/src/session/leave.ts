/** The way out to the sign-in page, and back to where one was. */
import type { AnyRouter } from '@tanstack/react-router'
import { paths } from '../paths.ts'

/** A call found the session ended: sign in, then return here. What was typed waits in its draft. */
export function leaveForSignIn(router: AnyRouter) {
  const here = window.location.pathname + window.location.search
  if (here.startsWith(paths.signIn())) return
  router.history.replace(paths.signIn(here))
}

/** Goes to where one was. The page on which a program is let in is the server's own, not the console's. */
export function goBack(router: AnyRouter, path: string) {
  if (path.startsWith('/oauth/')) window.location.assign(path)
  else router.history.replace(path)
}

/** Only a path of our own may be returned to, never another site's address. */
export function returnPath(to: string | undefined): string {
  if (!to || !/^\/(?![/\\])/.test(to) || to.startsWith(paths.signIn())) return paths.home()
  return to
}
