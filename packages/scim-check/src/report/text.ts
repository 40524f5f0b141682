/** The report for a terminal: a line for each group, then what is wrong, last what to do about it. */
import { type CheckResult, GROUPS, type Status } from '../check.ts'
import type { CheckReport } from '../check-scim.ts'

const MARK: Record<Status, string> = { pass: 'ok  ', fail: 'FAIL', warn: 'warn', skip: 'skip' }

/** Plain text, without colours. */
export function reportText(report: CheckReport): string {
  const { results } = report
  const parts = [`SCIM check of ${report.baseUrl}`, groupsOf(results)]
  const skips = skipsOf(results)
  if (skips !== '') parts.push(`Skipped\n${skips}`)
  const profile = profileLines(report)
  if (profile.length > 0) parts.push(`What it can do\n${profile.join('\n')}`)
  const warned = results.filter(({ status }) => status === 'warn')
  if (warned.length > 0) parts.push(`Warnings\n${warned.map(problem).join('\n')}`)
  const failed = results.filter(({ status }) => status === 'fail')
  if (failed.length > 0) parts.push(`Failures\n${failed.map(problem).join('\n')}`)
  if (report.leftovers.length > 0)
    parts.push(
      `Left behind; please delete by hand\n${report.leftovers.map((line) => `  ${line}`).join('\n')}`,
    )
  parts.push(verdict(report))
  return `${parts.join('\n\n')}\n`
}

function groupsOf(results: readonly CheckResult[]): string {
  return GROUPS.flatMap((group) => {
    const own = results.filter((result) => result.group === group)
    if (own.length === 0) return []
    const count = (status: Status) => own.filter((result) => result.status === status).length
    const rest = (['fail', 'warn', 'skip'] as const).filter((status) => count(status) > 0)
    const told = rest.map((status) => `${count(status)} ${WORDS[status]}`)
    return [`${mood(rest[0])}  ${group.padEnd(11)} ${[`${count('pass')} passed`, ...told].join(', ')}`]
  }).join('\n')
}

const WORDS = { pass: 'passed', fail: 'failed', warn: 'with warnings', skip: 'skipped' }

function mood(worst: Status | undefined): string {
  return MARK[worst === 'fail' || worst === 'warn' ? worst : 'pass']
}

// Often a hundred checks are skipped for one reason.
function skipsOf(results: readonly CheckResult[]): string {
  const reasons = new Map<string, number>()
  for (const { status, message } of results)
    if (status === 'skip') reasons.set(message ?? '', (reasons.get(message ?? '') ?? 0) + 1)
  return [...reasons].map(([why, count]) => `  ${String(count).padStart(3)}  ${why}`).join('\n')
}

function profileLines({ profile }: CheckReport): string[] {
  const known = Object.entries(profile).filter(([, { value }]) => value !== null)
  return known.map(([name, { value }]) => `  ${name.padEnd(24)}${tell(value)}`)
}

/** A value of the profile in words. */
export function tell(value: unknown): string {
  if (value === null || value === undefined) return 'not known'
  if (value === true) return 'yes'
  if (value === false) return 'no'
  if (Array.isArray(value)) return value.length > 0 ? value.join(' ') : 'none'
  if (typeof value === 'object')
    return Object.entries(value)
      .map(([name, one]) => `${name === 'atLeast' ? 'at least' : name} ${one}`)
      .join(', ')
  return String(value)
}

function problem({ status, id, title, requirement, source, message, remedy }: CheckResult): string {
  return [
    `  ${MARK[status]}  ${title}`,
    `        ${message}`,
    `        To do: ${remedy}`,
    `        ${requirement}, ${source} (${id})`,
  ].join('\n')
}

function verdict({ counts, stopped, mustFailures, trouble }: CheckReport): string {
  const line = `${counts.pass} passed, ${counts.fail} failed, ${counts.warn} warnings, ${counts.skip} skipped`
  const must = mustFailures > 0 ? `\n${mustFailures} of the failures break a MUST.` : ''
  return `${trouble === undefined ? '' : `${trouble}\n`}${line}${must}${stopped ? '\nThe run was stopped before its end.' : ''}`
}
