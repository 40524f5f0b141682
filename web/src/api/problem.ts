/** Every way in which a call can fail, as one error that a page can show. */

export class ProblemError extends Error {
  override readonly name = 'ProblemError'
  readonly code: string
  readonly status: number
  readonly detail: string
  readonly facts: Readonly<Record<string, unknown>>

  constructor(problem: { code: string; status: number; detail: string; facts?: Record<string, unknown> }) {
    super(problem.detail)
    this.code = problem.code
    this.status = problem.status
    this.detail = problem.detail
    this.facts = problem.facts ?? {}
  }
}

/** Reads the body of a refused answer. A proxy in between may have answered with anything, or nothing. */
export async function readProblem(response: Response): Promise<ProblemError> {
  const body: unknown = await response.json().catch(() => undefined)
  const { code, detail, title, facts } = isRecord(body) ? body : {}

  return new ProblemError({
    code: typeof code === 'string' ? code : `http_${response.status}`,
    status: response.status,
    detail: text(detail) ?? text(title) ?? sentenceFor(response.status),
    ...(isRecord(facts) ? { facts } : {}),
  })
}

/** Whatever was thrown, as a problem. */
export function problemOf(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error
  if (error instanceof TypeError && /fetch|network|load failed/i.test(error.message)) return unreachable()
  return new ProblemError({
    code: 'unexpected',
    status: 0,
    detail: 'Something in this page went wrong. Load it again; if it stays, tell whoever runs Keydesk.',
  })
}

export function unreachable() {
  return new ProblemError({
    code: 'unreachable',
    status: 0,
    detail: 'Keydesk does not answer. Check your connection, then try again.',
  })
}

function sentenceFor(status: number) {
  if (status === 401) return 'Your session has ended. Sign in again.'
  if (status === 403) return 'Your roles do not allow this.'
  if (status === 404) return 'This does not exist, or you may not see it.'
  if (status === 429) return 'Too many calls at once. Wait a moment, then try again.'
  if (status >= 500) return 'Keydesk could not do this just now. Try again in a moment.'
  return 'Keydesk refused this.'
}

function text(value: unknown) {
  return typeof value === 'string' && value.trim() !== '' ? value : undefined
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
