import { describe, expect, test } from 'vitest'
import { readDomain } from './domain.ts'

describe('a domain as people paste it', () => {
  test.for([
    ['acme.okta.com', 'acme.okta.com'],
    ['  Acme.Okta.COM  ', 'acme.okta.com'],
    ['https://acme.okta.com/', 'acme.okta.com'],
    ['http://acme.okta.com/app/UserHome?x=1#y', 'acme.okta.com'],
    ['acme.okta.com.', 'acme.okta.com'],
    ['acme-admin.okta.com', 'acme.okta.com'],
    ['https://Acme-admin.oktapreview.com/admin/dashboard', 'acme.oktapreview.com'],
    ['acme.okta-emea.com', 'acme.okta-emea.com'],
    ['acme.okta-gov.com', 'acme.okta-gov.com'],
    ['acme.okta.mil', 'acme.okta.mil'],
    ['integrator-1234567.okta.com', 'integrator-1234567.okta.com'],
    ['dev-1.okta.com', 'dev-1.okta.com'],
    ['administrators.okta.com', 'administrators.okta.com'],
  ] as const)('%s is %s', ([typed, domain]) => {
    expect(readDomain(typed)).toEqual({ domain, origin: `https://${domain}` })
  })

  test.for([
    ['', 'Enter your Okta domain.'],
    ['   ', 'Enter your Okta domain.'],
    ['okta.com', 'Okta itself'],
    ['https://oktapreview.com/', 'Okta itself'],
    ['okta.com.attacker.net', "not one of Okta's own domains"],
    ['acme.okta.com.attacker.net', "not one of Okta's own domains"],
    ['acme.okta.com.com', "not one of Okta's own domains"],
    ['acmeokta.com', "not one of Okta's own domains"],
    ['evil-okta.com', "not one of Okta's own domains"],
    ['login.acme.com', "not one of Okta's own domains"],
    ['acme.okta.com@attacker.net', '“@”'],
    ['https://acme.okta.com:pw@attacker.net/', '“@”'],
    ['acme.okta.com:8443', 'Leave the port out'],
    ['acme.okta.com:443', 'Leave the port out'],
    ['127.0.0.1', 'not an IP address'],
    ['127.0.0.1:3001', 'not an IP address'],
    ['[::1]', 'not an IP address'],
    ['http://[::ffff:169.254.169.254]/', 'not an IP address'],
    ['169.254.169.254', 'not an IP address'],
    ['0x7f000001', 'not an IP address'],
    ['2130706433', 'not an IP address'],
    ['{yourOktaDomain}', 'placeholder'],
    ['https://{yourOktaDomain}/oauth2', 'placeholder'],
    ['yourOktaDomain.okta.com', 'placeholder'],
    ['attacker.net\\.okta.com', 'backslash'],
    ['attacker.net/.okta.com', "not one of Okta's own domains"],
    ['attacker.net?.okta.com', "not one of Okta's own domains"],
    ['attacker.net#.okta.com', "not one of Okta's own domains"],
    ['a.b.okta.com', 'not the domain of an Okta organisation'],
    ['-acme.okta.com', 'not the domain of an Okta organisation'],
    ['-admin.okta.com', 'not the domain of an Okta organisation'],
    ['.okta.com', 'not the domain of an Okta organisation'],
    ['acme..okta.com', 'not the domain of an Okta organisation'],
    ['аcme.okta.com', 'is not a domain'], // the first letter is Cyrillic
    ['acme。okta.com', 'is not a domain'],
    ['acme okta.com', 'is not a domain'],
    ['acme.okta.com\nattacker.net', 'is not a domain'],
    ['ftp://acme.okta.com', 'is not a domain'],
    ['file:///etc/passwd', 'is not a domain'],
    ['javascript:alert(1)', 'is not a domain'],
    ['localhost', "not one of Okta's own domains"],
    [`${'a'.repeat(64)}.okta.com`, 'not the domain of an Okta organisation'],
  ] as const)('%s is refused: %s', ([typed, why]) => {
    expect(() => readDomain(typed)).toThrow(why)
    expect(() => readDomain(typed)).toThrow('acme.okta.com')
  })
})

describe('an origin for tests', () => {
  const origins = ['http://127.0.0.1:3001']

  test.for(['127.0.0.1:3001', 'http://127.0.0.1:3001', 'http://127.0.0.1:3001/'])(
    '%s is taken as it is',
    (typed) => {
      expect(readDomain(typed, origins)).toEqual({
        domain: '127.0.0.1:3001',
        origin: 'http://127.0.0.1:3001',
      })
    },
  )

  test.for(['127.0.0.1', '127.0.0.1:3002', 'http://127.0.0.1:3001@attacker.net', 'https://127.0.0.1:3001'])(
    '%s is another one',
    (typed) => {
      expect(() => readDomain(typed, origins)).toThrow('It looks like acme.okta.com.')
    },
  )
})
