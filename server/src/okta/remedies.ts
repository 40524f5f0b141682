/** What a person can do about Okta's refusals, by Okta's code (okta-api §3). */
import { AppError } from '#platform'
import { OktaError, OktaNoAnswer } from './client/error.ts'

export interface Trouble {
  message: string
  remedy: string
  status: number | null
  code: string | null
  remoteRequestId: string | null
}

const RECONNECT = 'Check the connection under Settings › Okta; it needs new credentials.'
const LOOK_AGAIN = 'Read the person from Okta again: something changed meanwhile.'

const REMEDIES: Record<string, string> = {
  E0000001: LOOK_AGAIN,
  E0000004: RECONNECT,
  E0000005: RECONNECT,
  E0000006:
    "The connection's admin role in Okta does not allow this. In Okta open the app's tab “Admin roles” and give it a role that does; only a Super Admin may act on admins.",
  E0000007: 'It is no longer in Okta. Import the directory again.',
  E0000009: 'Okta had an internal error. Try again in a minute.',
  E0000010: 'Okta is in maintenance and takes no changes. Try again when it is over.',
  E0000011: RECONNECT,
  E0000015: 'The Okta organisation is not licensed for this.',
  E0000017: 'Okta does not reset this password: it may be kept by another identity provider.',
  E0000023: 'The profile is kept by another system; change it there.',
  E0000034: LOOK_AGAIN,
  E0000038: "The person's status in Okta does not allow this. Read them again to see it.",
  E0000047: 'Okta is asked too much at the moment. Try again in a minute.',
  E0000060: 'Okta does not do this for this kind of object, for example for the group Everyone.',
  E0000112: 'Okta is still activating this person. Try again in a few minutes.',
  E0000239: 'Okta is still working on this. Try again in a few minutes.',
  E0000241:
    'No Active Directory agent is connected to Okta. Ask whoever runs it, or reset the password there.',
  E0000249: 'Okta is still setting up its group rules. Try again in a few minutes.',
  invalid_client: RECONNECT,
  invalid_token: RECONNECT,
  invalid_scope: 'In Okta open the app, then “Okta API Scopes”, and grant what Settings › Okta names.',
  consent_required: 'In Okta open the app, then “Okta API Scopes”, and grant what Settings › Okta names.',
}

/** An error of a call to Okta as people need it; undefined for any other error. */
export function troubleOf(error: unknown): Trouble | undefined {
  if (error instanceof OktaNoAnswer)
    return {
      message: error.message,
      remedy: error.sent
        ? 'Look in Okta whether it took effect before you try again.'
        : 'Nothing was sent. Check that this server can reach Okta, then try again.',
      status: null,
      code: null,
      remoteRequestId: null,
    }
  if (!(error instanceof OktaError)) return undefined
  const words = [error.errorSummary, ...error.causes].map((text) => text.replace(/\.$/, '')).join(': ')
  return {
    message: error.missingScope
      ? `Okta refused: the connection was not granted the scope ${error.missingScope}.`
      : `Okta refused: ${words}.`,
    remedy: remedyOf(error),
    status: error.status,
    code: error.errorCode,
    remoteRequestId: error.requestId,
  }
}

function remedyOf(error: OktaError): string {
  if (error.missingScope)
    return `In Okta open the app, then “Okta API Scopes”, and grant ${error.missingScope}.`
  return (
    REMEDIES[error.errorCode ?? ''] ??
    (error.status === 401 ? RECONNECT : "Look at Okta's words; its System Log has the rest.")
  )
}

/** Runs reads of Okta for a caller who gets a problem in words when they fail. */
export async function asking<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const trouble = troubleOf(error)
    if (!trouble) throw error
    const { message, remedy, status, code, remoteRequestId } = trouble
    throw new AppError(
      error instanceof OktaNoAnswer ? 'okta_unreachable' : 'okta_rejected',
      `${message} ${error instanceof OktaNoAnswer ? 'Try again in a moment.' : remedy}`,
      { facts: { oktaStatus: status, oktaCode: code, oktaRequestId: remoteRequestId }, cause: error },
    )
  }
}
