#!/usr/bin/env node
/** The command line: starts a sandbox and prints how to reach it. */
import { parseArgs } from 'node:util'
import { startSandbox } from './index.ts'

const HELP = `okta-sandbox: a stand-in Okta on this machine, for tests and demos.

  okta-sandbox [--port 3001] [--users 500] [--seed acme] [--data DIR] [--no-rate-limits] [--help]

  --port N           where to listen on 127.0.0.1 (0 takes a free port)
  --host H           another address to listen on
  --users N          how many people, 4 to 100000
  --seed WORD        another word, another organisation; the same word, the same one
  --data DIR         keep what happens in this folder
  --no-rate-limits   never answer 429 of its own accord
`

async function main(): Promise<number> {
  const options = readOptions()
  if (typeof options === 'string') {
    console.error(`${options}\n\n${HELP}`)
    return 2
  }
  if (options.help) {
    console.log(HELP)
    return 0
  }
  // Listened for before the address is printed, since whoever reads it may ask for the end at once.
  const asked = new Promise((resolve) => {
    process.once('SIGTERM', resolve)
    process.once('SIGINT', resolve)
    // Started by another program over a channel, it does not outlive that program.
    process.once('disconnect', resolve)
  })
  const sandbox = await startSandbox(options.start)
  const { ssws, serviceApp, keydeskApp } = sandbox.credentials
  console.log(`Okta sandbox    ${sandbox.url}
Admin page      ${sandbox.url}/admin
API token       SSWS ${ssws.token}
Service app     ${serviceApp.clientId}  (key: ${sandbox.url}/_sandbox/credentials)
Keydesk app     ${keydeskApp.id}`)
  await asked
  await sandbox.close()
  return 0
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        port: { type: 'string', default: '3001' },
        host: { type: 'string' },
        users: { type: 'string' },
        seed: { type: 'string' },
        data: { type: 'string' },
        'no-rate-limits': { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    })
    const port = Number(values.port)
    if (!Number.isInteger(port) || port < 0 || port > 65_535) return `--port ${values.port} is not a port.`
    const users = values.users === undefined ? undefined : Number(values.users)
    if (users !== undefined && !Number.isInteger(users)) return `--users ${values.users} is not a number.`
    const start = {
      port,
      rateLimits: values['no-rate-limits'] ? ('none' as const) : ('workforce' as const),
      ...(values.host !== undefined && { host: values.host }),
      ...(users !== undefined && { users }),
      ...(values.seed !== undefined && { seed: values.seed }),
      ...(values.data !== undefined && { dataDir: values.data }),
    }
    return { help: values.help, start }
  } catch (error) {
    return (error as Error).message
  }
}

main().then(
  (code) => process.exit(code),
  (error: Error) => {
    console.error(error.message)
    process.exit(1)
  },
)
