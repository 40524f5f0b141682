/**
 * Every error that people or programs are answered with has one of these codes. Callers branch on
 * the code, never on the text.
 */
const STATUS = {
  invalid_input: 400,
  not_signed_in: 401,
  sign_in_failed: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  idempotency_conflict: 409,
  plan_changed: 409,
  already_decided: 409,
  key_reused: 422,
  too_many: 429,
  okta_rejected: 502,
  okta_unreachable: 502,
  not_ready: 503,
  internal: 500,
} as const

export type ErrorCode = keyof typeof STATUS

interface AppErrorOptions {
  facts?: Record<string, unknown>
  cause?: unknown
}

/**
 * Thrown when the caller cannot go on. Anything else that reaches the HTTP layer is a bug
 * and is reported as one. Outcomes a caller must choose between are returned, not thrown.
 */
export class AppError extends Error {
  override name = 'AppError'
  readonly code: ErrorCode
  readonly facts: Record<string, unknown>

  constructor(code: ErrorCode, message: string, { facts = {}, cause }: AppErrorOptions = {}) {
    super(message, { cause })
    this.code = code
    this.facts = facts
  }

  get status(): number {
    return STATUS[this.code]
  }
}

/** The error for a thing that is not there, or not there for this caller: the two look the same. */
export function notFound(what: string): AppError {
  return new AppError('not_found', `There is no such ${what} in this workspace.`)
}

/** The sentence of any thrown value. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
