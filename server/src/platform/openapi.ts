/** The API described: OpenAPI 3.1 from the contracts, and a page that people can read without a script. */
import type { AnyContractRouter } from '@orpc/contract'
import { type OpenAPI, OpenAPIGenerator } from '@orpc/openapi'
import { ZodToJsonSchemaConverter } from '@orpc/zod/zod4'

/** The OpenAPI 3.1 document of a contract. */
export async function describeApi(contract: AnyContractRouter, publicUrl: string): Promise<OpenAPI.Document> {
  const generator = new OpenAPIGenerator({ schemaConverters: [new ZodToJsonSchemaConverter()] })
  return generator.generate(contract, {
    info: {
      title: 'Keydesk API',
      version: '1',
      description:
        'Authorize with `Authorization: Bearer <token>` (a token of kind api) or a session cookie. Errors are RFC 9457 problem details. Send `Idempotency-Key` with a POST to make it happen once.',
    },
    servers: [{ url: `${publicUrl}/api/v1` }],
    security: [{ token: [] }],
    components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    customErrorResponseBodySchema: () => null,
  })
}

interface Operation {
  summary?: string
  description?: string
  tags?: string[]
  parameters?: { name: string; in: string; required?: boolean; schema?: unknown; description?: string }[]
  requestBody?: { content?: Record<string, { schema?: unknown }> }
  responses?: Record<string, { content?: Record<string, { schema?: unknown }> }>
}

/** The document as one HTML page without scripts. */
export function renderApi(document: OpenAPI.Document): string {
  const sections = Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    Object.entries(item as Record<string, Operation>).map(([method, operation]) =>
      renderOperation(method, path, operation),
    ),
  )
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Keydesk API</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>${STYLE}</style></head>
<body><main><h1>Keydesk API</h1><p>${escapeHtml(document.info.description ?? '')}</p>
<p>The same as <a href="/api/openapi.json">OpenAPI 3.1</a>, for programs.</p>${sections.join('')}</main></body></html>`
}

function renderOperation(method: string, path: string, operation: Operation): string {
  const body = Object.values(operation.requestBody?.content ?? {})[0]?.schema
  const answers = Object.entries(operation.responses ?? {}).filter(([status]) => status.startsWith('2'))
  const parameters = (operation.parameters ?? []).map(
    (p) =>
      `<li><code>${escapeHtml(p.name)}</code> in ${escapeHtml(p.in)}${p.required ? ', required' : ''}</li>`,
  )
  return `<section><h2><b>${method.toUpperCase()}</b> <code>${escapeHtml(path)}</code></h2>
<p>${escapeHtml(operation.summary ?? '')}. ${escapeHtml(operation.description ?? '')}</p>
${parameters.length > 0 ? `<ul>${parameters.join('')}</ul>` : ''}
${body ? detail('Body', body) : ''}
${answers.map(([status, answer]) => detail(`Answer ${status}`, Object.values(answer.content ?? {})[0]?.schema ?? {})).join('')}</section>`
}

function detail(title: string, schema: unknown): string {
  return `<details><summary>${escapeHtml(title)}</summary><pre>${escapeHtml(JSON.stringify(schema, null, 2))}</pre></details>`
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}

const STYLE = `:root{color-scheme:light dark;--line:light-dark(#d9e0df,#2d3837)}
body{font:15px/1.5 system-ui,sans-serif;margin:0;background:light-dark(#fff,#121817);color:light-dark(#17211f,#e4ebe9)}
main{max-width:860px;margin:0 auto;padding:32px 16px}h1{font-size:26px}
section{border-top:1px solid var(--line);padding:8px 0 16px}h2{font-size:16px;overflow-wrap:anywhere}
h2 b{color:light-dark(#0b6e66,#5cc9bd);margin-right:6px}code,pre{font:13px ui-monospace,monospace}
pre{overflow:auto;padding:12px;border:1px solid var(--line);border-radius:6px;max-height:420px}
a{color:light-dark(#0b6e66,#5cc9bd)}summary{cursor:pointer}`
