/** The domain of an Okta as people paste it. The server proves that it is one. */

/** "https://Acme-admin.okta.com/admin/dashboard" is acme.okta.com. */
export function tidyDomain(typed: string) {
  const host = typed
    .trim()
    .toLowerCase()
    .replace(/^https?:\/\//, '')
    .replace(/[/?#].*$/, '')
  return host.replace(/^([a-z0-9-]+)-admin\.(okta|oktapreview|okta-emea)\.com$/, '$1.$2.com')
}

export function domainProblem(typed: string) {
  const domain = tidyDomain(typed)
  if (domain === '') return 'Enter your Okta domain, such as acme.okta.com.'
  if (!/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d+)?$/.test(domain) || !/[.:]/.test(domain))
    return `“${domain}” is not a domain. It looks like acme.okta.com.`
  return null
}

/** Okta's admin console for a domain of Okta's own; a custom domain does not tell where it is. */
export function adminConsole(domain: string) {
  const parts = /^([a-z0-9-]+)\.((?:okta|oktapreview|okta-emea)\.com)$/.exec(domain)
  return parts ? `https://${parts[1]}-admin.${parts[2]}/` : null
}
