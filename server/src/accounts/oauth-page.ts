/** The two pages of OAuth that people see: the question whether a program may come in, and why it cannot be asked. */
import { createHash } from 'node:crypto'

const CSS = `
:root { color-scheme: light dark; --ground: #f5f8f8; --raised: #fff; --line: #d0dadb; --text: #152022;
  --dim: #56666a; --accent: #11797f; --link: #11797f; --accent-hover: #0d676d; --hover: #ecf1f1 }
@media (prefers-color-scheme: dark) { :root { --ground: #141b1d; --raised: #1d2628; --line: #344346;
  --text: #dde6e7; --dim: #9aa9ac; --link: #82cad0; --hover: #293538 } }
* { box-sizing: border-box }
body { margin: 0; min-height: 100dvh; display: grid; place-items: center; padding: 24px 16px;
  background: var(--ground); color: var(--text); font: 14px/1.5 'Inter Variable', system-ui, sans-serif }
main { width: 100%; max-width: 440px; background: var(--raised); border: 1px solid var(--line);
  border-radius: 8px; padding: 32px }
h1 { margin: 0 0 8px; font-size: 20px; line-height: 28px; font-weight: 600 }
p { margin: 0 0 16px }
ul { margin: 0 0 16px; padding-left: 20px }
dl { margin: 0 0 24px; display: grid; grid-template-columns: auto 1fr; gap: 4px 16px }
dt { color: var(--dim) }
dd { margin: 0; overflow-wrap: anywhere }
a { color: var(--link) }
p:last-child { margin: 0 }
form { display: flex; flex-wrap: wrap; gap: 12px }
button { font: inherit; font-weight: 600; min-height: 36px; padding: 0 18px; border-radius: 6px;
  border: 1px solid var(--line); background: transparent; color: inherit; cursor: pointer }
button:hover { background: var(--hover) }
button.main { background: var(--accent); border-color: var(--accent); color: #fff }
button.main:hover { background: var(--accent-hover) }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px }
`
const CSS_HASH = createHash('sha256').update(CSS).digest('base64')

/**
 * What a browser may do with these pages: nothing but show them and send the form.
 * @param redirectUri where the answer to the form leads: browsers hold redirects to the form's own limits
 */
export function pagePolicy(redirectUri?: string): string {
  const away = redirectUri ? ` ${new URL(redirectUri).origin}` : ''
  return `default-src 'none'; style-src 'sha256-${CSS_HASH}'; img-src 'self'; form-action 'self'${away}; frame-ancestors 'none'; base-uri 'none'`
}

/** Asks a member whether a client may provision for a workspace. `fields` come back with the answer. */
export function consentPage(asked: {
  client: string
  workspace: string
  member: string
  redirectUri: string
  fields: Readonly<Record<string, string>>
}): string {
  const client = escapeHtml(asked.client)
  const fields = Object.entries(asked.fields)
    .map(([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`)
    .join('\n')
  return page(
    `Allow ${asked.client} to provision members?`,
    `<p>${client} asks to come into <strong>${escapeHtml(asked.workspace)}</strong> as its SCIM connection. It will be able to</p>
<ul>
<li>create, change and deactivate members</li>
<li>push groups, which give roles</li>
</ul>
<p>and nothing else. It can neither see nor give the role Owner.</p>
<dl>
<dt>Signed in as</dt><dd>${escapeHtml(asked.member)}</dd>
<dt>Leads to</dt><dd>${escapeHtml(new URL(asked.redirectUri).host)}</dd>
</dl>
<form method="post" action="/oauth/authorize">
${fields}
<button class="main" name="decision" value="allow">Allow ${client}</button>
<button name="decision" value="cancel">Cancel</button>
</form>`,
  )
}

/** Says why nobody was asked, and what to do. */
export function refusalPage(title: string, sentence: string): string {
  return page(title, `<p>${escapeHtml(sentence)}</p>\n<p><a href="/">Open Keydesk</a></p>`)
}

function page(title: string, content: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)} · Keydesk</title>
<link rel="icon" href="/keydesk.svg" type="image/svg+xml">
<style>${CSS}</style>
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
${content}
</main>
</body>
</html>
`
}

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => ENTITIES[letter] ?? letter)
}
