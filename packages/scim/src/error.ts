/** The error that every refusal of a SCIM endpoint is, and its JSON (RFC 7644 §3.12). */

const ERROR_URN = 'urn:ietf:params:scim:api:messages:2.0:Error'

/** RFC 7644 table 9, and the three that RFC 9865 adds for cursors. */
export type ScimType =
  | 'invalidFilter'
  | 'tooMany'
  | 'uniqueness'
  | 'mutability'
  | 'invalidSyntax'
  | 'invalidPath'
  | 'noTarget'
  | 'invalidValue'
  | 'invalidVers'
  | 'sensitive'
  | 'invalidCursor'
  | 'expiredCursor'
  | 'invalidCount'

export type ErrorBody = { schemas: string[]; status: string; detail: string; scimType?: ScimType }

/** Thrown when a SCIM request cannot be answered. `detail` is shown to the client's admin. */
export class ScimError extends Error {
  override name = 'ScimError'
  readonly scimType: ScimType | undefined
  readonly status: number

  constructor(scimType: ScimType | undefined, detail: string, status = defaultStatus(scimType)) {
    super(detail)
    this.scimType = scimType
    this.status = status
  }

  /** RFC 7644 §3.12: `status` is the HTTP status as a string. */
  toJSON(): ErrorBody {
    const body: ErrorBody = { schemas: [ERROR_URN], status: String(this.status), detail: this.message }
    if (this.scimType) body.scimType = this.scimType
    return body
  }
}

/** RFC 7644 §3.12: the resource or the endpoint does not exist. */
export function notFound(what: string): ScimError {
  return new ScimError(undefined, `${what} does not exist.`, 404)
}

/** RFC 7644 §3.3: another resource has this value already. */
export function uniqueness(attribute: string, value: string): ScimError {
  return new ScimError('uniqueness', `${attribute} ${JSON.stringify(value)} is taken already.`)
}

/** RFC 7644 §2: no valid credentials. The answer also needs a `WWW-Authenticate` header. */
export function unauthorized(detail = 'Send a valid bearer token.'): ScimError {
  return new ScimError(undefined, detail, 401)
}

/** RFC 7644 §3.14: `If-Match` names another version than the current one. */
export function preconditionFailed(): ScimError {
  return new ScimError(undefined, 'The resource has changed since it was read. Read it again.', 412)
}

/** RFC 7644 §3.7.4: more than a limit of `/ServiceProviderConfig` allows, such as `maxOperations`. */
export function tooLarge(limit: string, max: number): ScimError {
  return new ScimError(undefined, `The request exceeds ${limit} (${max}).`, 413)
}

function defaultStatus(scimType: ScimType | undefined): number {
  return scimType === 'uniqueness' ? 409 : 400
}
