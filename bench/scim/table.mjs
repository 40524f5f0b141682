/** The report as a table for the terminal, as Markdown, and as a judgement on what was promised. */
import { rows } from './rows.mjs'

const READS = ['get', 'filter']
const WRITES = ['create', 'put', 'patch']
const CEILINGS = ['plain', 'raised']

/** @returns one table for each size, contestants as columns */
export function tableOf(report) {
  return sectionsOf(report)
    .map(({ title, head, lines }) => {
      const table = [head, ...lines]
      const widths = head.map((_, column) => Math.max(...table.map((line) => line[column].length)))
      const drawn = table.map((line) =>
        line.map((text, at) => (at === 0 ? text.padEnd(widths[at]) : text.padStart(widths[at]))).join('  '),
      )
      return `${title}\n${drawn.join('\n')}`
    })
    .concat(notesOf(report))
    .join('\n\n')
}

export function markdownOf(report) {
  const drawn = sectionsOf(report).map(({ title, head, lines }) => {
    const line = (cells) => `| ${cells.join(' | ')} |`
    return [
      `**${title}**`,
      '',
      line(head),
      line(head.map((_, at) => (at === 0 ? '---' : '--:'))),
      ...lines.map(line),
    ].join('\n')
  })
  const { date, cpus, cpu, node, postgres, versions } = report
  const where = `Measured on ${date.slice(0, 10)}: ${cpus} × ${cpu}, Node ${node}, PostgreSQL ${postgres}; ${Object.entries(
    versions,
  )
    .map(([name, version]) => `${name} ${version}`)
    .join(', ')}.`
  return `${[where, ...drawn, ...notesOf(report)].join('\n\n')}\n`
}

function sectionsOf({ cells, options }) {
  const main = cells.filter((cell) => cell.block !== 'growth')
  return options.sizes.map((size) => {
    const here = main.filter((cell) => cell.size === size)
    const names = options.contestants.filter((name) => here.some((cell) => cell.contestant === name))
    const ratios = CEILINGS.filter((name) => names.includes(name) && names.includes('keydesk'))
    const lines = Object.entries(rows)
      .filter(([row]) => here.some((cell) => cell.row === row))
      .map(([row, { label }]) => {
        const cellOf = (name) => here.find((cell) => cell.row === row && cell.contestant === name)
        return [
          label,
          ...names.map((name) => shown(cellOf(name))),
          ...ratios.map((ceiling) => share(cellOf('keydesk'), cellOf(ceiling))),
          ...(names.includes('keydesk') ? costOf(cellOf('keydesk'), cellOf('plain')) : []),
        ]
      })
    const cost = names.includes('keydesk')
      ? ['p50 ms', 'p99 ms', 'server µs', 'database µs', 'CPU to plain', 'MB']
      : []
    const head = ['requests per second', ...names, ...ratios.map((ceiling) => `of ${ceiling}`), ...cost]
    return { title: `${size.toLocaleString('en')} users`, head, lines }
  })
}

function costOf(cell, plain) {
  if (cell?.p50Ms === undefined) return ['—', '—', '—', '—', '—', '—']
  const { p50Ms, p99Ms, cpuUs, databaseUs, rssBytes } = cell
  const inMb = (rssBytes / 2 ** 20).toFixed(0)
  const work = timeOf(plain) && timeOf(cell) ? `× ${(timeOf(cell) / timeOf(plain)).toFixed(1)}` : '—'
  return [p50Ms.toFixed(1), p99Ms.toFixed(1), cpuUs.toFixed(0), databaseUs?.toFixed(0) ?? '—', work, inMb]
}

/** Processor time of a request in the server and in the database, where both are known. */
function timeOf(cell) {
  return cell?.databaseUs === undefined ? undefined : cell.cpuUs + cell.databaseUs
}

function shown(cell) {
  if (!cell || cell.absent) return '—'
  if (cell.problem) return 'wrong'
  if (cell.timeoutMs) return `< ${rounded(1000 / cell.timeoutMs)}`
  return `${rounded(cell.perSecond)}${cell.refused ? ' !' : ''}${cell.oneAtATime ? ' ¹' : ''}`
}

function rounded(value) {
  if (value >= 100) return Math.round(value).toLocaleString('en')
  return value >= 10 ? value.toFixed(0) : value.toFixed(value >= 1 ? 1 : 2)
}

function share(cell, ceiling) {
  return cell?.perSecond && ceiling?.perSecond
    ? `${Math.round((cell.perSecond / ceiling.perSecond) * 100)} %`
    : '—'
}

function notesOf({ cells }) {
  const notes = cells
    .filter((cell) => cell.problem || cell.refused)
    .map(({ contestant, size, row, problem, refused, refusal }) => {
      const what = problem ?? `${refused} answers were no success, the first: ${refusal}`
      return `- ${contestant}, ${rows[row].label}, ${size.toLocaleString('en')}: ${what.slice(0, 200)}`
    })
  const slow = cells.some((cell) => cell.oneAtATime)
    ? ['¹ So slow that it was asked one request at a time.']
    : []
  return [...slow, ...(notes.length > 0 ? [[...new Set(notes)].join('\n')] : [])]
}

/** What issue 3 promises, each as a line that begins with ok or FAILED. */
export function summaryOf(report) {
  const promises = promisesOf(report)
  const lines = promises.map(({ kept, text }) => `${kept ? 'ok    ' : 'FAILED'}  ${text}`)
  return [...lines, `${promises.filter(({ kept }) => kept).length} of ${promises.length} promises kept`].join(
    '\n',
  )
}

function promisesOf({ cells, options }) {
  const main = cells.filter((cell) => cell.block !== 'growth')
  const at = (contestant, row, size) =>
    main.find((cell) => cell.contestant === contestant && cell.row === row && cell.size === size)
  const promises = []
  for (const size of options.sizes)
    for (const row of Object.keys(rows)) {
      const ours = at('keydesk', row, size)
      if (!ours) continue
      const where = `${rows[row].label} at ${size.toLocaleString('en')}`
      const asked = READS.includes(row) ? 0.6 : WRITES.includes(row) ? 0.4 : undefined
      const plain = at('plain', row, size)
      if (asked && plain) {
        const ratio = ours.perSecond / plain.perSecond
        promises.push({
          kept: ratio >= asked,
          text: `${where}: ${percent(ratio)} of plain (at least ${percent(asked)})`,
        })
      }
      if (ours.problem || ours.refused)
        promises.push({
          kept: false,
          text: `${where}: ${ours.problem ?? `${ours.refused} answers were no success`}`,
        })
      promises.push(...aheadOf(ours, main, where))
    }
  return [...promises, ...groupGrowth(main, options.sizes), ...userGrowth(cells)]
}

function aheadOf(ours, cells, where) {
  return cells
    .filter(
      (cell) =>
        cell.row === ours.row &&
        cell.size === ours.size &&
        ![...CEILINGS, 'keydesk'].includes(cell.contestant) &&
        cell.perSecond !== undefined,
    )
    .map((cell) => ({
      kept: ours.perSecond > cell.perSecond,
      text: `${where}: ${times(ours.perSecond, cell)} ${cell.contestant}`,
    }))
}

function times(ours, cell) {
  if (cell.perSecond === 0) return 'ahead of'
  return `${(ours / cell.perSecond).toFixed(1)} times`
}

function groupGrowth(cells, sizes) {
  const size = Math.max(...sizes)
  const groups = cells.filter(
    (cell) => cell.contestant === 'keydesk' && cell.size === size && cell.row.startsWith('group-'),
  )
  const [smallest, ...larger] = groups
  return larger.map((cell) => growth(`${rows[cell.row].label} costs`, smallest, cell))
}

function userGrowth(cells) {
  return READS.flatMap((row) => {
    const [small, large] = cells.filter((cell) => cell.block === 'growth' && cell.row === row)
    return small && large
      ? [growth(`${rows[row].label} among ${large.size.toLocaleString('en')} costs`, small, large)]
      : []
  })
}

function growth(what, small, large) {
  const ratio = small.perSecond / large.perSecond
  return {
    kept: ratio <= 1.3,
    text: `${what} ${ratio.toFixed(2)} times as much as the smallest (at most 1.30)`,
  }
}

function percent(ratio) {
  return `${Math.round(ratio * 100)} %`
}
