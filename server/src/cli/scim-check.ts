/** `keydesk scim check <baseUrl>`: the conformance suite against any SCIM server. It needs no database. */
import { writeFile } from 'node:fs/promises'
import { type Authorization, type CheckReport, checkScim, reportHtml, reportText } from '@keydesk/scim-check'
import { ConfigError } from '#platform'
import type { Command, Options, Result } from './commands.ts'

export const scimCheck: Command = {
  name: 'scim check',
  summary: 'Try any SCIM server: the RFCs, and what each identity provider sends',
  argument: { name: 'baseUrl', help: 'the base URL, as a client is given it' },
  options: {
    token: { type: 'string', help: 'a bearer token; KEYDESK_SCIM_TOKEN when left out' },
    user: { type: 'string', help: 'for Basic: the user' },
    password: { type: 'string', help: 'for Basic: the password; KEYDESK_SCIM_PASSWORD when left out' },
    header: { type: 'string', help: 'a whole Authorization header, for servers that want no scheme' },
    'read-only': { type: 'boolean', help: 'only checks that change nothing' },
    only: { type: 'string', help: 'groups or ids of checks, such as filters,okta-aiw,groups.batch-100' },
    domain: { type: 'string', help: 'the domain of throw-away addresses; example.com when left out' },
    json: { type: 'string', help: 'write the report to this file, as JSON; - for standard output' },
    html: { type: 'string', help: 'write the report to this file, as a page' },
  },
  async run(_, options): Promise<Result> {
    const report = await untilInterrupted((signal) => check(options, signal))
    const { json, html } = options
    if (typeof html === 'string') await writeFile(html, reportHtml(report))
    if (typeof json === 'string' && json !== '-')
      await writeFile(json, `${JSON.stringify(report, null, 2)}\n`)
    const text = json === '-' ? JSON.stringify(report) : reportText(report).trimEnd()
    return {
      text,
      json: report,
      exitCode: report.mustFailures > 0 || report.stopped || report.trouble ? 1 : 0,
    }
  },
}

async function check(options: Options, signal: AbortSignal): Promise<CheckReport> {
  const authorization = readAuthorization(options, process.env)
  const { domain, only } = options
  try {
    return await checkScim({
      baseUrl: String(options['baseUrl']),
      ...(authorization ? { authorization } : {}),
      readOnly: options['read-only'] === true,
      ...(typeof only === 'string' ? { only: only.split(',') } : {}),
      ...(typeof domain === 'string' ? { domain } : {}),
      signal,
      onProgress: (_, done, total) => tellProgress(done, total),
    })
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw new ConfigError(error.message)
  }
}

/** The one way to sign in that the options name. */
function readAuthorization(options: Options, env: NodeJS.ProcessEnv): Authorization | undefined {
  const { token, user, header } = options
  if ([token, user, header].filter((given) => given !== undefined).length > 1)
    throw new ConfigError('Give one of --token, --user and --header.')
  if (typeof header === 'string') return { header }
  if (typeof user === 'string') {
    const password = options['password'] ?? env['KEYDESK_SCIM_PASSWORD']
    if (typeof password !== 'string')
      throw new ConfigError('--user needs --password, or KEYDESK_SCIM_PASSWORD.')
    return { basic: { user, password } }
  }
  const bearer = token ?? env['KEYDESK_SCIM_TOKEN']
  return typeof bearer === 'string' && bearer !== '' ? { bearer } : undefined
}

function tellProgress(done: number, total: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${total}${done === total ? '\n' : ''}`)
}

// The first Ctrl C ends the run and deletes what it made; the second one does not wait for that.
async function untilInterrupted<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController()
  const onSignal = () => {
    if (stop.signal.aborted) process.exit(130)
    process.stderr.write('\nStopping, and deleting what the run made. Once more to stop at once.\n')
    stop.abort()
  }
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal)
  try {
    return await work(stop.signal)
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal)
  }
}
