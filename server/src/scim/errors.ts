/** One shape for every refusal (RFC 7644 §3.12), whatever was thrown. */
import { ScimError } from '@keydesk/scim'
import type { FastifyRequest } from 'fastify'
import { AppError, type Platform } from '#platform'
import { headersOfRefusal } from './caller.ts'
import type { Answer } from './http.ts'
import { tooLargeFor } from './read-body.ts'

export function answerOf(error: unknown, platform?: Platform, request?: FastifyRequest): Answer {
  const told = scimErrorOf(error, request)
  if ((told.status >= 500 && told.status !== 501) || isData(error))
    platform?.log.error('scim.failed', {
      method: request?.method,
      path: request?.raw.url?.split('?')[0],
      tenantId: request?.scim?.caller?.ctx.tenantId,
      status: told.status,
      error,
    })
  return {
    status: told.status,
    body: told.toJSON(),
    headers: { ...headersFor(told.status), ...headersOfRefusal(told) },
  }
}

// A client that is told when to come again does; Okta reads only whole seconds.
function headersFor(status: number): Record<string, string> {
  return status === 503 ? { 'retry-after': '2' } : {}
}

function scimErrorOf(error: unknown, request: FastifyRequest | undefined): ScimError {
  if (error instanceof ScimError) return error
  if (error instanceof AppError) return fromApp(error)
  const code = codeOf(error)
  // A name that another transaction took between our look and our write.
  if (code === '23505') return new ScimError('uniqueness', 'Another resource has this name already.')
  if (BUSY.has(code))
    return new ScimError(undefined, 'Keydesk is busy with the same resource. Try again.', 503)
  if (isData(error))
    return new ScimError('invalidValue', 'A value in this request cannot be read as what its attribute is.')
  const status = (error as { statusCode?: unknown }).statusCode
  if (typeof status === 'number' && status >= 400 && status < 500) return fromHttp(status, error, request)
  return new ScimError(
    undefined,
    'Keydesk failed at this. It is logged; try again, and tell your administrator if it goes on.',
    500,
  )
}

// Class 22, a data exception: text with U+0000, a number out of range. No query here should come so far.
function isData(error: unknown): boolean {
  return /^22...$/.test(codeOf(error))
}

/** Deadlock, serialization failure, lock and statement timeouts, too many connections. */
const BUSY = new Set(['40P01', '40001', '55P03', '57014', '53300'])

function fromApp(error: AppError): ScimError {
  if (error.code === 'conflict') return new ScimError('uniqueness', error.message)
  if (error.code === 'invalid_input') return new ScimError('invalidValue', error.message)
  return new ScimError(undefined, error.message, error.status)
}

function fromHttp(status: number, error: unknown, request: FastifyRequest | undefined): ScimError {
  if (status === 413) return tooLargeFor(request?.scim?.segments?.[0])
  const message = error instanceof Error ? error.message : 'The request cannot be read.'
  return new ScimError(status === 400 ? 'invalidSyntax' : undefined, message, status)
}

/** PostgreSQL's code for what went wrong, or an empty string. */
export function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' ? code : ''
}
