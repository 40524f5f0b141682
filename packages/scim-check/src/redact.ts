/** Takes secrets out of what is kept as evidence. */

const HEADERS = ['authorization', 'proxy-authorization', 'cookie', 'set-cookie', 'x-api-key']
const GONE = '[redacted]'
const SECRET_FIELD =
  /("(?:password|token|access_token|refresh_token|client_secret|secret|api_?key)"\s*:\s*)("(?:[^"\\]|\\.)*"?|[^\s,}\]]+)/gi

export interface Redactor {
  /** Takes this out as well, from now on. */
  hide(secret: string): void
  text(text: string): string
  headers(headers: Readonly<Record<string, string>>): Record<string, string>
}

/** `secrets` are the strings that this run signs in with. They are taken out wherever they stand. */
export function redactor(secrets: readonly string[]): Redactor {
  let needles: string[] = []
  const hide = (secret: string) => {
    if (secret.length < 4) return
    const forms = [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]
    // The longest first: a secret may hold another one.
    needles = [...new Set([...needles, ...forms])].sort((a, b) => b.length - a.length)
  }
  for (const secret of secrets) hide(secret)
  const text = (given: string) =>
    needles
      .reduce((rest, secret) => rest.replaceAll(secret, GONE), given)
      .replace(SECRET_FIELD, `$1"${GONE}"`)
  return {
    hide,
    text,
    headers: (headers) =>
      Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [
          name,
          HEADERS.includes(name.toLowerCase()) ? GONE : text(value),
        ]),
      ),
  }
}
