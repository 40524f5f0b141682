/** What goes wrong between Keydesk and Okta: Okta answered and refused, or no answer came. */
import * as z from 'zod'

interface OktaErrorFields {
  status: number
  errorCode: string | null
  errorSummary: string
  errorId?: string | null
  causes?: string[]
  requestId?: string | null
  missingScope?: string | null
  /** Seconds until Okta would take the call again, when it said so. */
  retryAfterSeconds?: number | null
}

/** Okta's refusal. Only `errorCode` may steer the program; Okta changes the words without notice. */
export class OktaError extends Error {
  override name = 'OktaError'
  readonly status: number
  readonly errorCode: string | null
  readonly errorSummary: string
  readonly errorId: string | null
  readonly causes: string[]
  readonly requestId: string | null
  /** The OAuth scope that the token lacks. Okta says it in a header only, with an empty body. */
  readonly missingScope: string | null
  readonly retryAfterSeconds: number | null

  constructor(fields: OktaErrorFields) {
    super(
      `Okta answered ${fields.status}${fields.errorCode ? ` ${fields.errorCode}` : ''}: ${fields.errorSummary}`,
    )
    this.status = fields.status
    this.errorCode = fields.errorCode
    this.errorSummary = fields.errorSummary
    this.errorId = fields.errorId ?? null
    this.causes = fields.causes ?? []
    this.requestId = fields.requestId ?? null
    this.missingScope = fields.missingScope ?? null
    this.retryAfterSeconds = fields.retryAfterSeconds ?? null
  }
}

/** No answer that could be read. `sent` says whether the call may have reached Okta all the same. */
export class OktaNoAnswer extends Error {
  override name = 'OktaNoAnswer'
  readonly sent: boolean

  constructor(message: string, { sent, cause }: { sent: boolean; cause?: unknown }) {
    super(message, { cause })
    this.sent = sent
  }
}

const errorBody = z.object({
  errorCode: z.string().optional(),
  errorSummary: z.string().optional(),
  errorId: z.string().optional(),
  errorCauses: z.array(z.object({ errorSummary: z.string().optional() })).optional(),
  error: z.string().optional(),
  error_description: z.string().optional(),
})

/**
 * The error of a refused call, from whichever of Okta's forms it has: E-codes of the API,
 * `error`/`error_description` of OAuth, or nothing but headers (okta-api §3, §6.5).
 */
export function errorOf(response: Response, text: string): OktaError {
  const body = errorBody.safeParse(parseJson(text)).data ?? {}
  const words = response.headers.get('www-authenticate') ?? ''
  const said = (name: string) => new RegExp(`\\b${name}="([^"]*)"`).exec(words)?.[1] ?? null
  const code = body.errorCode ?? body.error ?? said('error')
  return new OktaError({
    status: response.status,
    errorCode: code,
    errorSummary:
      body.errorSummary ??
      body.error_description ??
      said('error_description') ??
      (response.status >= 300 && response.status < 400
        ? 'It sent Keydesk elsewhere, and Keydesk does not follow.'
        : 'It gave no reason.'),
    errorId: body.errorId ?? null,
    causes: (body.errorCauses ?? []).flatMap(({ errorSummary }) => errorSummary ?? []),
    requestId: response.headers.get('x-okta-request-id'),
    missingScope: code === 'insufficient_scope' ? said('scope') : null,
    retryAfterSeconds: response.status === 429 ? secondsToReset(response) : null,
  })
}

/** Both times are Okta's, so a wrong clock here does not matter (okta-api §7). */
function secondsToReset(response: Response): number {
  const reset = Number(response.headers.get('x-rate-limit-reset'))
  const date = Date.parse(response.headers.get('date') ?? '') / 1000
  if (!Number.isFinite(reset) || reset <= 0 || !Number.isFinite(date)) return 1
  return Math.min(Math.max(reset - date, 0), 120) + 1
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Not JSON: an empty body, or a proxy's page. The status says enough.
    return {}
  }
}

// Errors before the request could leave: name, route, connection, certificate.
const NEVER_SENT =
  /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_TLS/

/** The error of a call that was not answered, from what `fetch` threw. */
export function noAnswerOf(error: unknown, host: string): OktaNoAnswer {
  const codes = codesOf(error)
  if (NEVER_SENT.test(codes))
    return new OktaNoAnswer(`${host} cannot be reached (${codes}).`, { sent: false, cause: error })
  const timedOut = error instanceof Error && error.name === 'TimeoutError'
  return new OktaNoAnswer(
    timedOut
      ? `${host} did not answer in time.`
      : `The connection to ${host} broke before its answer was whole.`,
    { sent: true, cause: error },
  )
}

function codesOf(error: unknown): string {
  const codes: string[] = []
  for (let at = error; at instanceof Error; at = at.cause) {
    if ('code' in at) codes.push(String(at.code))
    if (at instanceof AggregateError)
      codes.push(...at.errors.map((one) => String((one as { code?: string }).code)))
  }
  return [...new Set(codes)].join(', ')
}
