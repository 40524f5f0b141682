/** The commands of `keydesk`. Each does one thing, says what it did, and gives JSON when asked. */
import {
  createServiceUser,
  createToken,
  createWorkspace,
  identityOf,
  inviteMember,
  issueSignInLink,
  listRoles,
  PERMISSIONS,
  type Permission,
} from '#accounts'
import { shipServices } from '#desk'
import { findRequester } from '#directory'
import { sendSignInLink } from '#messages'
import {
  type Config,
  ConfigError,
  type Context,
  findTenant,
  listTenants,
  type Platform,
  systemContext,
  transact,
} from '#platform'
import { assemble, startServer } from '../main.ts'
import { anyDatabase, ownDatabase } from './database.ts'
import { startDemo } from './demo.ts'
import { examine } from './doctor.ts'
import { scimCheck } from './scim-check.ts'

export interface Options {
  [name: string]: string | boolean | undefined
}

/** What a command gives: lines for people, a value for `--json`. */
export interface Result {
  text: string
  json: object
  /** 0 unless the command found something wrong. */
  exitCode?: number
}

export interface Command {
  name: string
  summary: string
  /** The one word that may stand without a name; it is required. */
  argument?: { name: string; help: string }
  options: Record<string, { type: 'string' | 'boolean'; help: string; required?: boolean }>
  /** Runs to its end; a server's end is a signal. */
  run(config: Config, options: Options): Promise<Result>
}

const workspace = { type: 'string', help: 'the workspace, by its name in addresses', required: true } as const

export const COMMANDS: Command[] = [
  {
    name: 'serve',
    summary: 'Start Keydesk on this machine',
    options: { role: { type: 'string', help: 'web, worker, or all (the default)' } },
    async run(config, { role }) {
      if (role !== undefined && role !== 'web' && role !== 'worker' && role !== 'all')
        throw new ConfigError(`--role: "${role}" cannot be used; it must be one of all, web, worker.`)
      const database = await ownDatabase(config)
      const server = await startServer({ ...config, role: role ?? config.role }, database.url)
      process.stderr.write(`Keydesk listens on ${server.url ?? 'no port (worker)'}\n`)
      const signal = await stopSignal()
      await server.stop()
      await database.close()
      return { text: `Stopped by ${signal}.`, json: { stoppedBy: signal } }
    },
  },
  {
    name: 'demo',
    summary: 'Start Keydesk with a sandbox Okta of 500 people; what `npm start` runs',
    options: {},
    async run(config) {
      const demo = await startDemo(config)
      process.stdout.write(`${demo.welcome}\n`)
      const signal = await stopSignal()
      await demo.stop()
      return { text: `Stopped by ${signal}.`, json: { stoppedBy: signal } }
    },
  },
  {
    name: 'migrate',
    summary: 'Bring the database to the schema of this version',
    options: {},
    async run(config) {
      const database = await anyDatabase(config)
      await database.close()
      return { text: 'The database has the schema of this version.', json: { migrated: true } }
    },
  },
  {
    name: 'workspace create',
    summary: 'Create a workspace with its four roles and first services',
    options: { workspace, name: { type: 'string', help: 'what people call it', required: true } },
    run: (config, options) =>
      onPlatform(config, async (platform, databaseUrl) => {
        const slug = String(options['workspace'])
        const name = String(options['name'])
        const ctx = await createWorkspace(platform, databaseUrl, { slug, name })
        await shipServices(ctx)
        return {
          text: `Created ${name}. Invite its owner: keydesk member invite --workspace ${slug} --role owner --email …`,
          json: { id: ctx.tenantId, slug, name },
        }
      }),
  },
  {
    name: 'token create',
    summary: 'Create a service user with a token, which is printed this once',
    options: {
      workspace,
      kind: { type: 'string', help: 'scim, for an identity provider; api, for /api/v1', required: true },
      name: { type: 'string', help: 'what the token is for' },
      permissions: {
        type: 'string',
        help: 'for api: a list such as requests.read,people.read; all when left out',
      },
      'default-role': { type: 'string', help: 'for scim: the role of people whom no pushed group maps' },
      days: { type: 'string', help: 'how long it is valid; 365 when left out, 0 for ever' },
    },
    run: (config, options) => onWorkspace(config, options, (ctx) => createTokenCommand(ctx, options)),
  },
  {
    name: 'member invite',
    summary: 'Invite a member and print the sign-in link',
    options: {
      workspace,
      email: { type: 'string', help: 'the address', required: true },
      name: { type: 'string', help: 'the full name; the address when left out' },
      role: { type: 'string', help: 'a role by name; agent when left out' },
    },
    run: (config, options) =>
      onWorkspace(config, options, async (ctx) => {
        const wanted = String(options['role'] ?? 'agent').toLowerCase()
        const roles = await listRoles(ctx)
        const role = roles.find((one) => one.name.toLowerCase() === wanted)
        if (!role)
          throw new ConfigError(
            `There is no role ${wanted}. There are: ${roles.map((one) => one.name).join(', ')}.`,
          )
        let link = ''
        const email = String(options['email'])
        const member = await inviteMember(
          ctx,
          { email, displayName: String(options['name'] ?? email), roleIds: [role.id] },
          async (tx, mail) => {
            link = mail.link
            await sendSignInLink(tx, mail)
          },
        )
        return {
          text: `Invited ${member.displayName} as ${role.name}. Sign-in link, for 30 minutes:\n${link}`,
          json: { id: member.id, link },
        }
      }),
  },
  {
    name: 'sign-in-link',
    summary: 'Print a sign-in link for a member or a person of the directory',
    options: { workspace, email: { type: 'string', help: 'the address', required: true } },
    run: (config, options) =>
      onWorkspace(config, options, async (ctx) => {
        const email = String(options['email'])
        const link = await transact(ctx, async (tx) => {
          const identity = await identityOf(tx, email, findRequester)
          return identity && issueSignInLink(tx, identity, async () => {})
        })
        if (!link) throw new ConfigError(`Nobody who may sign in has the address ${email}.`)
        return { text: link, json: { email, link } }
      }),
  },
  scimCheck,
  {
    name: 'doctor',
    summary: 'Look whether everything that Keydesk needs is in order',
    options: {},
    run: (config) => onPlatform(config, (platform, databaseUrl) => examine(platform, databaseUrl)),
  },
]

async function createTokenCommand(ctx: Context, options: Options): Promise<Result> {
  const kind = options['kind']
  if (kind !== 'scim' && kind !== 'api')
    throw new ConfigError(`--kind: "${String(kind)}" cannot be used; it must be scim or api.`)
  const days = Number(options['days'] ?? 365)
  if (!Number.isInteger(days) || days < 0 || days > 730)
    throw new ConfigError('--days must be a whole number from 0 to 730.')
  const all = Object.keys(PERMISSIONS) as Permission[]
  const asked = options['permissions'] === undefined ? all : String(options['permissions']).split(',')
  const unknown = asked.filter((permission) => !(permission in PERMISSIONS))
  if (unknown.length > 0)
    throw new ConfigError(`--permissions: there is no ${unknown.join(', ')}. There are: ${all.join(', ')}.`)
  const roleName =
    options['default-role'] === undefined ? undefined : String(options['default-role']).toLowerCase()
  const role = roleName && (await listRoles(ctx)).find((one) => one.name.toLowerCase() === roleName)
  if (roleName && !role) throw new ConfigError(`--default-role: there is no role ${roleName}.`)

  const user = await createServiceUser(ctx, {
    name: String(options['name'] ?? `${kind} token of the command line`),
    kind,
    permissions: kind === 'api' ? (asked as Permission[]) : [],
    defaultRoleId: role ? role.id : null,
  })
  const { token } = await createToken(ctx, user.id, days === 0 ? null : days)
  const { publicUrl } = ctx.platform.config
  const baseUrl =
    kind === 'scim' ? `${publicUrl}/scim/v2/${String(options['workspace'])}` : `${publicUrl}/api/v1`
  return { text: `Base URL: ${baseUrl}\nToken, shown this once: ${token}`, json: { token, baseUrl } }
}

/** Runs work on the installation's database, whether or not a server runs. */
async function onPlatform(
  config: Config,
  act: (platform: Platform, databaseUrl: string) => Promise<Result>,
): Promise<Result> {
  const database = await anyDatabase(config)
  try {
    const platform = await assemble({ ...config, logLevel: 'warn' }, database.url)
    try {
      return await act(platform, database.url)
    } finally {
      await platform.close()
    }
  } finally {
    await database.close()
  }
}

function onWorkspace(
  config: Config,
  options: Options,
  act: (ctx: Context) => Promise<Result>,
): Promise<Result> {
  return onPlatform(config, async (platform) => {
    const slug = String(options['workspace'])
    const tenant = await findTenant(platform, slug)
    if (tenant) return act(systemContext(platform, tenant.id, 'The command line'))
    const all = await listTenants(platform)
    throw new ConfigError(
      `There is no workspace ${slug}. ${all.length > 0 ? `There are: ${all.map((one) => one.slug).join(', ')}.` : 'Create one: keydesk workspace create.'}`,
    )
  })
}

/** Waits for the signal that ends a server. A second one ends it at once. */
function stopSignal(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(signal, () => {
        process.once(signal, () => process.exit(130))
        resolve(signal)
      })
  })
}
