/** Okta's errors: codes and words from okta-developer-docs (error-codes), form as recorded. */

const ERRORS = {
  E0000001: [400, 'Api validation failed: {0}'],
  E0000003: [400, 'The request body was not well-formed.'],
  E0000005: [403, 'Invalid session'],
  E0000006: [403, 'You do not have permission to perform the requested action'],
  E0000007: [404, 'Not found: {0}'],
  E0000008: [404, 'The requested path was not found'],
  E0000009: [500, 'Internal Server Error'],
  E0000010: [503, 'Service is in read only mode'],
  E0000011: [401, 'Invalid token provided'],
  E0000016: [403, 'Activation failed because the user is already active'],
  E0000017: [403, 'Password reset failed'],
  E0000022: [405, 'The endpoint does not support the provided HTTP method'],
  E0000028: [400, 'The request is missing a required parameter.'],
  E0000029: [400, 'Invalid paging request.'],
  E0000031: [400, 'Invalid search criteria.'],
  E0000032: [403, 'Unlock is not allowed for this user.'],
  E0000033: [400, "Bad request. Can't specify a search query and filter in the same request."],
  E0000034: [403, 'Forgot password not allowed on specified user.'],
  E0000038: [403, "This operation is not allowed in the user's current status."],
  E0000041: [400, 'Credentials should not be set on this resource based on the scheme.'],
  E0000046: [403, 'Deactivate application for user forbidden.'],
  E0000047: [429, 'API call exceeded rate limit due to too many requests.'],
  E0000053: [400, 'Invalid SCIM filter.'],
  E0000060: [501, 'Unsupported operation.'],
  E0000112: [
    409,
    'Cannot update this user because they are still being activated. Please try again in a few minutes.',
  ],
  E0000241: [504, 'No connected agents'],
} as const satisfies Record<string, readonly [number, string]>

export type ErrorCode = keyof typeof ERRORS

export class OktaError extends Error {
  override name = 'OktaError'
  readonly code: ErrorCode
  readonly status: number
  readonly causes: string[]

  constructor(code: ErrorCode, options: { about?: string; causes?: string[] } = {}) {
    super(ERRORS[code][1].replace('{0}', options.about ?? ''))
    this.code = code
    this.status = ERRORS[code][0]
    this.causes = options.causes ?? []
  }
}

/** An answer that is not an Okta E-code: OAuth errors, the empty 403, a redirect. */
export class RawAnswer extends Error {
  override name = 'RawAnswer'
  readonly status: number
  readonly headers: Record<string, string>
  readonly body: unknown

  constructor(status: number, body: unknown, headers: Record<string, string> = {}) {
    super(`HTTP ${status}`)
    this.status = status
    this.body = body
    this.headers = headers
  }
}

export function notFound(id: string, what: string): OktaError {
  return new OktaError('E0000007', { about: `Resource not found: ${id} (${what})` })
}

/** `field: cause` as Okta prints a failed validation. */
export function invalid(field: string, ...causes: string[]): OktaError {
  return new OktaError('E0000001', { about: field, causes: causes.map((cause) => cause) })
}

export function errorBody(error: OktaError, errorId: string) {
  return {
    errorCode: error.code,
    errorSummary: error.message,
    errorLink: error.code,
    errorId,
    errorCauses: error.causes.map((errorSummary) => ({ errorSummary })),
  }
}
