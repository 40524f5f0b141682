/** What the next sign-in need not ask again, kept in this browser. Never a secret. */

type Name = 'workspace' | 'email' | 'to'

export function remember(values: Partial<Record<Name, string>>) {
  try {
    for (const [name, value] of Object.entries(values)) localStorage.setItem(`keydesk.sign-in.${name}`, value)
  } catch {
    // Without storage it is asked again.
  }
}

export function recalled(name: Name): string {
  try {
    return localStorage.getItem(`keydesk.sign-in.${name}`) ?? ''
  } catch {
    return ''
  }
}
