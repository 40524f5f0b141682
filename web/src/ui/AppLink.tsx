import { useRouter } from '@tanstack/react-router'
import type { AnchorHTMLAttributes, MouseEvent, Ref } from 'react'

export interface AppLinkProps extends Omit<AnchorHTMLAttributes<HTMLAnchorElement>, 'href'> {
  /** A URL from `paths`. */
  to: string
  ref?: Ref<HTMLAnchorElement>
}

/** A link inside the console. Also given to Mantine: `<Button component={AppLink} to={…}>`. */
export function AppLink({ to, onClick, target, ...rest }: AppLinkProps) {
  const router = useRouter()

  function follow(event: MouseEvent<HTMLAnchorElement>) {
    onClick?.(event)
    const ours = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey
    if (event.defaultPrevented || !ours || (target && target !== '_self')) return
    event.preventDefault()
    router.history.push(to)
  }

  return <a {...rest} href={to} target={target} onClick={follow} />
}
