/** How people get into an app: Okta's sign-on modes, in words. */

const words: Record<string, string> = {
  SAML_2_0: 'SAML 2.0',
  SAML_1_1: 'SAML 1.1',
  OPENID_CONNECT: 'OpenID Connect',
  WS_FEDERATION: 'WS-Federation',
  BROWSER_PLUGIN: 'Password, filled by the browser plug-in',
  AUTO_LOGIN: 'Password, filled in by Okta',
  SECURE_PASSWORD_STORE: 'Password, kept by Okta',
  BASIC_AUTH: 'Basic authentication',
  BOOKMARK: 'A link',
}

export function signOnName(signOn: string): string {
  return words[signOn] ?? signOn
}
