/**
 * Which addresses may be connected as an Okta. A credential is sent to nothing else, so this list is
 * what keeps a look-alike domain from collecting tokens (okta-api §6.7, threats O1).
 */
import { AppError } from '#platform'

const SUFFIXES = ['okta.com', 'oktapreview.com', 'okta-emea.com', 'okta-gov.com', 'okta.mil'] as const
const LABEL = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/

/** Where an Okta organisation is: how people say it, and the origin that every call goes to. */
export interface OktaAddress {
  domain: string
  origin: string
}

/**
 * Reads a domain as people paste it: with scheme, path, capitals, or the admin console's host.
 * @param testOrigins origins outside Okta's own domains that are accepted as they are
 * @throws AppError `invalid_input` saying what is wrong with it
 */
export function readDomain(typed: string, testOrigins: readonly string[] = []): OktaAddress {
  const text = typed.trim().toLowerCase()
  const test = testOrigins.find((origin) => isTestOrigin(text, origin))
  if (test) return { domain: new URL(test).host, origin: new URL(test).origin }

  const refuse = (why: string) => {
    throw new AppError('invalid_input', `${why} It looks like acme.okta.com.`)
  }
  if (text === '') return refuse('Enter your Okta domain.')
  if (/^(?!https?:)[a-z][a-z0-9+.-]*:\/\//.test(text)) return refuse(`“${clip(text)}” is not a domain.`)
  const authority = text.replace(/^https?:\/\//, '').replace(/[/?#].*$/s, '')
  if (/[{}]|yourokta|your-okta/.test(authority))
    return refuse(`“${clip(authority)}” is the placeholder of a manual, not your Okta domain.`)
  if (authority.includes('@'))
    return refuse('An Okta domain has no “@”; what stands before it would hide where you are sent.')
  if (authority.includes('\\')) return refuse('An Okta domain has no backslash.')
  if (/^\[|^\d+(\.\d+){3}(:|$)/.test(authority) || /^(0x[0-9a-f]+|\d+)(:|$)/.test(authority))
    return refuse('Give the name of your Okta and not an IP address.')
  if (/:\d*$/.test(authority)) return refuse('Leave the port out: Okta answers at the usual one.')
  const host = authority.replace(/\.$/, '')
  if (!/^[a-z0-9.-]+$/.test(host)) return refuse(`“${clip(host)}” is not a domain.`)
  return readHost(host, refuse)
}

function readHost(host: string, refuse: (why: string) => never): OktaAddress {
  const suffix = SUFFIXES.find((one) => host.endsWith(`.${one}`))
  if ((SUFFIXES as readonly string[]).includes(host))
    return refuse(`“${host}” is Okta itself. Your organisation has a name before it.`)
  if (!suffix)
    return refuse(
      `“${clip(host)}” is not one of Okta's own domains (${SUFFIXES.join(', ')}). If your people sign in at a domain of your own, give the Okta domain behind it.`,
    )
  const label = host.slice(0, -suffix.length - 1)
  if (!LABEL.test(label) || label.length > 63)
    return refuse(`“${clip(host)}” is not the domain of an Okta organisation.`)
  // The admin console's host answers the API with redirects.
  const organisation = label.replace(/-admin$/, '')
  if (!LABEL.test(organisation)) return refuse(`“${clip(host)}” is not the domain of an Okta organisation.`)
  const domain = `${organisation}.${suffix}`
  return { domain, origin: `https://${domain}` }
}

function isTestOrigin(text: string, origin: string): boolean {
  const { host, origin: whole } = new URL(origin)
  return [host, whole, `${whole}/`].includes(text)
}

function clip(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}
