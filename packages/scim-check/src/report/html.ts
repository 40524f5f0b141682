/** The report as one HTML file without anything to load: readable in light and dark, and on paper. */
import { type CheckResult, GROUPS, type Status } from '../check.ts'
import type { CheckReport } from '../check-scim.ts'
import type { Exchange } from '../wire.ts'
import { tell } from './text.ts'

const WORD: Record<Status, string> = { pass: 'passed', fail: 'failed', warn: 'warning', skip: 'skipped' }
const SIGN: Record<Status, string> = { pass: '✓', fail: '✗', warn: '!', skip: '–' }

/** A whole document. Everything from the server is text in it, never markup. */
export function reportHtml(report: CheckReport): string {
  const { counts, results } = report
  const failed = results.filter(({ status }) => status === 'fail')
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>SCIM check of ${safe(report.baseUrl)}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>SCIM check</h1>
<p><code>${safe(report.baseUrl)}</code>, ${safe(report.startedAt)}, ${(report.ms / 1000).toFixed(1)} s${report.readOnly ? ', read only' : ''}${report.stopped ? ', stopped before its end' : ''}</p>
<p class="counts">${(['pass', 'fail', 'warn', 'skip'] as const).map((status) => `<span class="${status}">${SIGN[status]} ${counts[status]} ${status === 'warn' ? 'warnings' : WORD[status]}</span>`).join(' ')}</p>
</header>
<main>
${report.trouble === undefined ? '' : `<p><strong>${safe(report.trouble)}</strong></p>`}
${failed.length > 0 ? `<section><h2>To do</h2><ol>${failed.map(todo).join('')}</ol></section>` : ''}
${report.leftovers.length > 0 ? `<section><h2>Left behind</h2><p>The run could not delete these. Please delete them by hand.</p><ul>${report.leftovers.map((line) => `<li>${safe(line)}</li>`).join('')}</ul></section>` : ''}
<section><h2>What it can do</h2><table><thead><tr><th scope="col">Capability</th><th scope="col">Found</th><th scope="col">Seen in</th></tr></thead><tbody>
${Object.entries(report.profile).map(profileRow).join('\n')}
</tbody></table></section>
${GROUPS.map((group) =>
  section(
    group,
    results.filter((result) => result.group === group),
  ),
).join('\n')}
</main>
</body>
</html>
`
}

function todo({ id, title, message, remedy, requirement }: CheckResult): string {
  return `<li><a href="#${safe(id)}">${safe(title)}</a> <small>${requirement}</small><br>${safe(message ?? '')}<br><strong>${safe(remedy)}</strong></li>`
}

function profileRow([name, { value, evidence }]: [
  string,
  { value: unknown; evidence: readonly string[] },
]): string {
  const shown = evidence.slice(0, 3).map((id) => `<a href="#${safe(id)}">${safe(id)}</a>`)
  const more = evidence.length > 3 ? ` and ${evidence.length - 3} more` : ''
  return `<tr><th scope="row">${safe(name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`))}</th><td>${safe(tell(value))}</td><td>${shown.join(', ')}${more}</td></tr>`
}

function section(group: string, results: readonly CheckResult[]): string {
  if (results.length === 0) return ''
  const passed = results.filter(({ status }) => status === 'pass').length
  return `<section><h2>${safe(group)} <small>${passed} of ${results.length} passed</small></h2>${results.map(checkOf).join('\n')}</section>`
}

function checkOf(result: CheckResult): string {
  const { id, title, status, requirement, source, message, remedy, ms, exchanges } = result
  const isOpen = status === 'fail' ? ' open' : ''
  return `<details id="${safe(id)}" class="check ${status}"${isOpen}>
<summary><span class="sign">${SIGN[status]}</span> ${safe(title)} <small>${WORD[status]}, ${requirement}, ${safe(source)}</small></summary>
${message === undefined ? '' : `<p>${safe(message)}</p>`}${status === 'fail' || status === 'warn' ? `<p><strong>To do:</strong> ${safe(remedy)}</p>` : ''}
<p><small><code>${safe(id)}</code>, ${ms} ms</small></p>
${exchanges.map(exchangeOf).join('\n')}
</details>`
}

function exchangeOf(exchange: Exchange): string {
  const { method, url, status, ms, requestHeaders, requestBody, responseHeaders, responseBody } = exchange
  return `<details class="exchange"><summary><code>${safe(method)} ${safe(url)}</code> → ${status === 0 ? 'no answer' : status}, ${ms} ms</summary>
<pre>${safe(message(requestHeaders, requestBody ?? ''))}</pre>
<pre>${safe(message(responseHeaders, responseBody))}</pre></details>`
}

function message(headers: Readonly<Record<string, string>>, body: string): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  return `${lines.join('\n')}\n\n${readable(body)}`
}

function readable(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2)
  } catch {
    return body
  }
}

const ESCAPES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function safe(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character)
}

const STYLE = `
:root { color-scheme: light dark; --line: light-dark(#d6d9de, #3b4048); --soft: light-dark(#f3f4f6, #22262c); --text: light-dark(#1b1f24, #e6e8eb); --page: light-dark(#fff, #16191d);
  --pass: light-dark(#17692f, #6fd08c); --fail: light-dark(#b3261e, #ff8a80); --warn: light-dark(#8a5300, #f2b84b); --skip: light-dark(#5b6470, #a3abb6); --link: light-dark(#0b57d0, #8ab4f8); }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 60rem; padding: 2rem 1rem 4rem; font: 16px/1.5 system-ui, sans-serif; color: var(--text); background: var(--page); }
h1 { margin: 0; font-size: 1.75rem; } h2 { margin: 2.5rem 0 .75rem; font-size: 1.25rem; } small { color: var(--skip); font-weight: 400; }
a { color: var(--link); } code, pre { font: .85em/1.45 ui-monospace, monospace; overflow-wrap: anywhere; }
.counts span { display: inline-block; margin-right: 1rem; font-weight: 600; }
.pass { color: var(--pass); } .fail { color: var(--fail); } .warn { color: var(--warn); } .skip { color: var(--skip); }
table { width: 100%; border-collapse: collapse; } th, td { padding: .35rem .5rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; font-weight: 400; overflow-wrap: anywhere; }
tbody th { white-space: nowrap; } td:nth-child(3) { width: 40%; }
thead th { color: var(--skip); font-size: .85rem; }
details.check { border-bottom: 1px solid var(--line); color: var(--text); padding: .35rem 0; } details.check > :not(summary) { margin-left: 1.75rem; }
summary { cursor: pointer; } .sign { display: inline-block; width: 1.25rem; font-weight: 700; }
.check.pass .sign { color: var(--pass); } .check.fail .sign { color: var(--fail); } .check.warn .sign { color: var(--warn); } .check.skip .sign { color: var(--skip); }
pre { margin: .5rem 0; padding: .75rem; background: var(--soft); border-radius: .375rem; white-space: pre-wrap; max-height: 24rem; overflow: auto; }
ol li { margin-bottom: .75rem; }
@media print { details.check > :not(summary) { display: none; } }
`
