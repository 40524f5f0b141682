/** `keydesk <command>`: finds the command, reads its options, prints what it gives. */
import { parseArgs } from 'node:util'
import { AppError, ConfigError, readConfig } from '#platform'
import { COMMANDS, type Command, type Options } from './commands.ts'

const USAGE = 2

/** @returns the exit code: 0 done, 1 failed, 2 called in a way that cannot be understood */
async function main(words: string[]): Promise<number> {
  const command = COMMANDS.find(({ name }) => name.split(' ').every((word, at) => words[at] === word))
  if (!command) {
    const asked = words.length === 0 || words[0] === '--help' || words[0] === '-h' || words[0] === 'help'
    if (!asked)
      process.stderr.write(
        `There is no command "${words.filter((word) => !word.startsWith('-')).join(' ')}".\n\n`,
      )
    ;(asked ? process.stdout : process.stderr).write(`${overview()}\n`)
    return asked ? 0 : USAGE
  }
  const options = readOptions(command, words.slice(command.name.split(' ').length))
  if (typeof options === 'string') {
    process.stderr.write(`${options}\n\n${help(command)}\n`)
    return USAGE
  }
  if (options['help']) {
    process.stdout.write(`${help(command)}\n`)
    return 0
  }
  const result = await command.run(readConfig(process.env), options)
  process.stdout.write(`${options['json'] === true ? JSON.stringify(result.json) : result.text}\n`)
  return result.exitCode ?? 0
}

/** The options, or a sentence on what is wrong with them. */
function readOptions(command: Command, args: string[]): Options | string {
  const known = {
    json: { type: 'boolean' as const },
    ...Object.fromEntries(Object.entries(command.options).map(([name, { type }]) => [name, { type }])),
    help: { type: 'boolean' as const, short: 'h' },
  }
  const { argument } = command
  try {
    const { values, positionals } = parseArgs({
      args,
      options: known,
      strict: true,
      allowPositionals: argument !== undefined,
    })
    if (values.help) return values as Options
    if (argument) {
      if (positionals.length !== 1) return `Give one ${argument.name}: ${argument.help}.`
      Object.assign(values, { [argument.name]: positionals[0] })
    }
    const missing = Object.entries(command.options).find(
      ([name, option]) => option.required && !(name in values),
    )
    return missing ? `--${missing[0]} is missing: ${missing[1].help}.` : (values as Options)
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function overview(): string {
  const width = Math.max(...COMMANDS.map(({ name }) => name.length))
  const lines = COMMANDS.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`)
  return `Usage: npm run keydesk -- <command> [options]\n\n${lines.join('\n')}\n\nEvery command takes --help and --json. Settings are in the environment; docs/reference/settings.md lists them.`
}

function help(command: Command): string {
  const entries = Object.entries({
    ...command.options,
    json: command.options['json'] ?? { type: 'boolean', help: 'print the result as one line of JSON' },
    help: { type: 'boolean', help: 'print this' },
  } as Command['options'])
  const lines = entries.map(
    ([name, { help: text, required }]) => `  --${name.padEnd(14)} ${text}${required ? ' (required)' : ''}`,
  )
  const { argument } = command
  const usage = argument ? `\n\n  ${`<${argument.name}>`.padEnd(16)} ${argument.help} (required)` : ''
  return `keydesk ${command.name}: ${command.summary}${usage || '\n'}\n${lines.join('\n')}`
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  const expected = error instanceof ConfigError || error instanceof AppError
  process.stderr.write(`${expected ? error.message : error instanceof Error ? error.stack : String(error)}\n`)
  process.exitCode = 1
}
