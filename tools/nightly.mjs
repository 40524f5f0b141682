/**
 * `npm run nightly`: the drills of the SCIM server in their long form, one after another, and a table of
 * what they measured. It fails when one of them finds a difference.
 *
 *     node tools/nightly.mjs                 all of them, with new dice
 *     node tools/nightly.mjs --seed 7        the run that had these dice
 *     node tools/nightly.mjs model hostile   some of them
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { ensureInstalled, root } from './installed.mjs'

const DRILLS = ['model', 'walk', 'hostile', 'deactivations', 'rights']

ensureInstalled()
const { values, positionals } = parseArgs({ options: { seed: { type: 'string' } }, allowPositionals: true })
const chosen = positionals.length > 0 ? positionals : DRILLS
const unknown = chosen.filter((name) => !DRILLS.includes(name))
const seed = Number(values.seed ?? Math.floor(Date.now() / 1000))
if (unknown.length > 0 || !Number.isSafeInteger(seed)) {
  console.error(`Usage: node tools/nightly.mjs [--seed <integer>] [${DRILLS.join('] [')}]`)
  process.exit(2)
}

const artefacts = join(root, 'artefacts')
mkdirSync(artefacts, { recursive: true })
const figures = join(artefacts, 'nightly-figures.jsonl')
rmSync(figures, { force: true })
console.log(`Drills with the seed ${seed}: ${chosen.join(', ')}.`)

const outcomes = chosen.map((name) => {
  const began = Date.now()
  const isGood = drill(name)
  return { name, isGood, seconds: Math.round((Date.now() - began) / 1000) }
})
report(outcomes, readFigures())
process.exit(outcomes.every(({ isGood }) => isGood) ? 0 : 1)

function drill(name) {
  const bin = join(root, 'node_modules', '.bin')
  const file = `server/test/drills/scim-${name}.test.ts`
  const { status } = spawnSync(join(bin, 'vitest'), ['run', '--project', 'journeys', file], {
    cwd: root,
    stdio: 'inherit',
    env: {
      ...process.env,
      PATH: `${bin}:${process.env.PATH}`,
      KEYDESK_NIGHTLY: '1',
      KEYDESK_SEED: String(seed),
      KEYDESK_FIGURES: figures,
    },
  })
  return status === 0
}

function readFigures() {
  if (!existsSync(figures)) return []
  return readFileSync(figures, 'utf8')
    .trim()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
}

function report(drills, measured) {
  const file = join(artefacts, 'nightly.json')
  writeFileSync(file, `${JSON.stringify({ seed, drills, figures: measured }, null, 2)}\n`)
  for (const { name, isGood, seconds } of drills) {
    console.log(`\n${isGood ? 'ok    ' : 'FAILED'}  ${name} (${seconds} s)`)
    const own = measured.filter((one) => one.drill === name)
    const width = Math.max(0, ...own.map((one) => one.name.length))
    for (const { name: what, value, unit } of own)
      console.log(`        ${what.padEnd(width)}  ${value} ${unit}`.trimEnd())
  }
  const failed = drills.filter(({ isGood }) => !isGood).length
  console.log(`\n${drills.length - failed} drills found nothing, ${failed} failed. Seed ${seed}. ${file}`)
}
