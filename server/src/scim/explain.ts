/**
 * What a call did, or why it was refused and what to do about it, for an admin who is no programmer.
 * Everything is told from the line of the log, so old lines gain from better sentences too.
 */
import { bodyOf, describeDone, type ExplainedCall } from './explain-done.ts'

export interface Explanation {
  outcome: 'done' | 'refused' | 'held' | 'failed'
  explanation: string
  remedy: string | null
}

/**
 * @param client who calls, as people know it: "Okta"
 */
export function explain(call: ExplainedCall, client: string): Explanation {
  const told = tellOf(call, client)
  const notes = [
    ...(call.shadow ? ['This was done on the shadow copy only.'] : []),
    ...(call.times > 1 ? [`This line stands for ${call.times} calls of the same kind within a second.`] : []),
  ]
  return { ...told, explanation: [told.explanation, ...notes].join(' ') }
}

function tellOf(call: ExplainedCall, client: string): Explanation {
  if (call.held)
    return {
      outcome: 'held',
      explanation: whyHeld(call),
      remedy: 'Look at what is held back, and release or drop it. Only an owner may.',
    }
  if (call.status < 400) return { outcome: 'done', explanation: describeDone(call, client), remedy: null }
  const outcome = call.status < 500 ? 'refused' : 'failed'
  const facts = { call, client, detail: detailOf(call), type: typeOf(call), subject: call.subject }
  const refusal = REFUSALS.find(({ status, when }) => status === call.status && (!when || when(facts)))
  const { says, remedy } = refusal ?? OTHERS[outcome]
  return {
    outcome,
    explanation: `${outcome === 'refused' ? 'Refused' : 'Failed'}: ${says(facts)}`,
    remedy: remedy?.(facts) ?? null,
  }
}

/** What it would do, first, because in a wave the rest is the same of each; then why not now. */
function whyHeld(call: ExplainedCall): string {
  const [, wish = 'cost too many people their access', reason] =
    /^Nothing was changed: .*? It would (.*)\. (\d+ (?:person|people) lost access .*?\.)(?: The owners of this workspace .*)?$/.exec(
      detailOf(call),
    ) ?? []
  return [`Would ${wish}: held back by the safety brake.`, reason].filter(Boolean).join(' ')
}

interface Facts {
  call: ExplainedCall
  client: string
  /** The reason as it was answered. */
  detail: string
  /** RFC 7644 table 9, in the answer. */
  type: string | undefined
  subject: string | null
}

interface Refusal {
  status: number
  when?: (facts: Facts) => boolean
  says: (facts: Facts) => string
  remedy?: (facts: Facts) => string
}

const isType =
  (...types: string[]) =>
  ({ type }: Facts) =>
    type !== undefined && types.includes(type)
const isAbout =
  (endpoint: string) =>
  ({ call }: Facts) =>
    new RegExp(`^/+${endpoint}(?:[/?]|$)`).test(call.path)
const isReason =
  (wanted: string) =>
  ({ call }: Facts) =>
    call.reason === wanted
const says =
  (pattern: RegExp) =>
  ({ detail }: Facts) =>
    pattern.test(detail)
const reason = ({ detail }: Facts) => detail || 'no reason was given.'
const nameTaken = ({ subject }: Facts) => (subject ? `${subject} has` : 'somebody has')

/** The first that fits is told. Each status ends with one that fits always. */
const REFUSALS: readonly Refusal[] = [
  {
    status: 400,
    when: says(/token in the address/i),
    says: () => 'a token stood in the address, where others can read it. It was not even tried.',
    remedy: ({ client }) =>
      `Revoke this token, create another, and choose in ${client} that it is sent as a header.`,
  },
  {
    status: 400,
    when: (facts) => isAbout('Groups')(facts) && says(/no users here|unknown member/i)(facts),
    says: ({ detail }) => `the group names people who are no users here, so nothing was changed. ${detail}`,
    remedy: ({ client }) =>
      `In ${client}, assign these people to the app first, then push the group again. Or let this connection skip unknown members, in its settings.`,
  },
  {
    status: 400,
    when: isType('invalidFilter'),
    says: ({ detail }) => `this search cannot be answered. ${detail}`,
    remedy: ({ client }) =>
      `In ${client}, choose an attribute that people are matched by: userName, emails.value and externalId always work.`,
  },
  {
    status: 400,
    when: isType('invalidSyntax'),
    says: ({ detail }) => `what was sent cannot be read. ${detail}`,
    remedy: ({ client }) =>
      `Look at the request below. In ${client}, check the template or the expression that makes it.`,
  },
  {
    status: 400,
    when: isType('invalidPath', 'noTarget'),
    says: ({ detail }) => `the change names something that users and groups here do not have. ${detail}`,
    remedy: ({ client }) =>
      `In ${client}, look at the attribute mappings, or add the attribute here as a schema of this workspace.`,
  },
  {
    status: 400,
    when: isType('mutability'),
    says: ({ detail }) => `the change is on something that only Keydesk decides. ${detail}`,
    remedy: ({ client }) => `In ${client}, take this attribute out of the mappings.`,
  },
  {
    status: 400,
    when: isType('tooMany'),
    says: ({ detail }) => `it asks for more than one answer can hold. ${detail}`,
    remedy: ({ client }) => `In ${client}, choose smaller pages or a narrower filter.`,
  },
  {
    status: 400,
    when: isType('invalidCursor', 'expiredCursor', 'invalidCount'),
    says: ({ detail }) => `the next page of a list was asked for in a way that leads nowhere. ${detail}`,
    remedy: ({ client }) => `In ${client}, start the import again.`,
  },
  {
    status: 400,
    when: isType('invalidVers'),
    says: ({ detail }) => `it is written for another version of SCIM. ${detail}`,
    remedy: ({ client }) => `In ${client}, choose SCIM 2.0.`,
  },
  {
    status: 400,
    when: isType('sensitive'),
    says: ({ detail }) => `something secret may not stand in an address. ${detail}`,
    remedy: () => 'Send the search as POST to /.search.',
  },
  {
    status: 400,
    when: isType('invalidValue'),
    says: ({ detail }) => `a value cannot be used. ${detail}`,
    remedy: ({ client, subject }) =>
      `In ${client}, correct this value${subject ? ` of ${subject}` : ''}, or the mapping that makes it, and push again.`,
  },
  {
    status: 400,
    says: reason,
    remedy: ({ client }) => `Look at the request below, and correct in ${client} what makes it.`,
  },
  {
    status: 401,
    when: isReason('expired'),
    says: () => 'the token has expired.',
    remedy: ({ client }) => `Create a token for this connection, and put it into ${client}.`,
  },
  {
    status: 401,
    when: isReason('revoked'),
    says: () => 'the token was revoked.',
    remedy: ({ client }) => `Create a token for this connection, and put it into ${client}.`,
  },
  {
    status: 401,
    when: isReason('removed'),
    says: () => 'the token is of a connection that was removed.',
    remedy: ({ client }) =>
      `Create a token for another connection, and put it into ${client}; or stop provisioning there.`,
  },
  {
    status: 401,
    when: isReason('bare_token'),
    says: () => 'the token came without the word Bearer before it.',
    remedy: ({ client }) =>
      `In ${client}, put “Bearer ” before the token. Or let this connection send it without, in its settings.`,
  },
  {
    status: 401,
    says: () =>
      'no valid token or password came with the call: none at all, a mistyped, an expired or a revoked one.',
    remedy: ({ client }) =>
      `In ${client}, put in the token of this connection once more, whole and without spaces. If it is lost, create another here.`,
  },
  {
    status: 403,
    when: isReason('address_not_allowed'),
    says: ({ detail }) => `this connection may not be used from there. ${detail}`,
    remedy: ({ client }) =>
      `If this is ${client}, add its address to the networks of this connection. If you do not know the address, change the token: somebody else has it.`,
  },
  {
    status: 403,
    when: says(/filter/i),
    says: ({ detail }) => `what this service offers is not a list to search in. ${detail}`,
  },
  {
    status: 403,
    says: reason,
    remedy: () => 'Look at what the settings of this connection allow.',
  },
  {
    status: 404,
    when: says(/no endpoint/i),
    says: ({ call }) => `there is nothing at ${call.path.split('?', 1)[0]}.`,
    remedy: ({ client }) =>
      `In ${client}, compare the base URL with the one of this connection, letter by letter. It ends with the name of the workspace.`,
  },
  {
    status: 404,
    when: isAbout('Users'),
    says: ({ subject }) => `${subject ?? 'this user'} is not here, or not any more.`,
    remedy: ({ client }) =>
      `If the person should be here, assign them in ${client} once more: it then looks them up and creates them. An owner or a break-glass account is out of its reach.`,
  },
  {
    status: 404,
    when: isAbout('Groups'),
    says: ({ subject }) => `the group ${subject ? `${subject} ` : ''}is not here, or not any more.`,
    remedy: ({ client }) =>
      `In ${client}, unlink the pushed group and push it again. Owner, and roles that this connection may not give, are out of its reach.`,
  },
  {
    status: 404,
    says: ({ call }) => `${call.path.split('?', 1)[0]} does not exist.`,
    remedy: ({ client }) => `In ${client}, compare the base URL with the one of this connection.`,
  },
  {
    status: 405,
    says: ({ call }) => `${call.method} cannot be done there.`,
    remedy: ({ client }) =>
      `In ${client}, look at how updates are sent: PUT and PATCH both work for users and groups.`,
  },
  {
    status: 409,
    when: isAbout('Users'),
    says: (facts) => `${nameTaken(facts)} a user name that belongs to another member. ${facts.detail}`,
    remedy: ({ client }) =>
      `In ${client}, give one of the two another user name. If both are the same person, assign again: ${client} then finds the member who is here.`,
  },
  {
    status: 409,
    when: isAbout('Groups'),
    says: ({ detail }) => `there is a role of this name already. ${detail}`,
    remedy: ({ client }) =>
      `In ${client}, link the group to the role that is here instead of creating one; refresh the app groups first so that it is listed.`,
  },
  {
    status: 409,
    says: reason,
    remedy: ({ client }) => `In ${client}, look for two entries that stand for the same.`,
  },
  {
    status: 412,
    says: () => 'it was changed by somebody else since it was read, and was not overwritten.',
    remedy: ({ client }) => `Nothing, as a rule: ${client} reads it again and repeats the change.`,
  },
  {
    status: 413,
    says: ({ detail }) => `the call is too large. ${detail}`,
    remedy: ({ client }) =>
      `In ${client}, push fewer at a time; a large group goes through as PATCH, which sends only who comes and goes.`,
  },
  {
    status: 414,
    says: () => 'the address of the call is too long.',
    remedy: ({ client }) => `In ${client}, choose a shorter filter, or one that is sent as POST to /.search.`,
  },
  {
    status: 415,
    says: ({ detail }) => `the body is of a kind that SCIM does not have. ${detail}`,
    remedy: ({ client }) => `In ${client}, choose application/scim+json or application/json as content type.`,
  },
  {
    status: 428,
    says: () => 'the version that is changed has to be named.',
    remedy: ({ client }) => `In ${client}, switch on that changes name the version (If-Match).`,
  },
  {
    status: 429,
    when: (facts) => !isReason('over_limit')(facts),
    says: () => 'too many wrong tokens or passwords came from this address, so it has to wait.',
    remedy: ({ client }) => `In ${client}, put in the token of this connection once more.`,
  },
  {
    status: 429,
    says: () => 'more calls came than this connection may make. The client was told when to come again.',
    remedy: ({ client }) =>
      `Nothing, if it passes: ${client} waits and goes on. If it stays, raise the limit in the settings of this connection.`,
  },
  {
    status: 431,
    says: () => 'the headers of the call are too large.',
    remedy: ({ client }) => `In ${client}, take out headers that were added by hand.`,
  },
  {
    status: 500,
    says: () => 'Keydesk made a mistake. Nothing was changed.',
    remedy: ({ client }) =>
      `Try again in ${client}. If it goes on, tell whoever runs Keydesk, with the time of this call: its log has the cause.`,
  },
  {
    status: 501,
    says: ({ detail }) => `this part of SCIM is not offered. ${detail}`,
    remedy: ({ client }) => `In ${client}, switch this off.`,
  },
  {
    status: 503,
    says: () => 'Keydesk was busy with the same person or group, or just starting. Nothing was changed.',
    remedy: ({ client }) => `Nothing: ${client} tries again by itself.`,
  },
]

/** For a status that we do not give: a proxy in between may. */
const OTHERS = {
  refused: {
    says: reason,
    remedy: ({ client }: Facts) =>
      `Look at the answer below, and at what stands between ${client} and Keydesk.`,
  },
  failed: {
    says: reason,
    remedy: () => 'If it goes on, tell whoever runs Keydesk, with the time of this call.',
  },
} as const

function detailOf({ answer }: ExplainedCall): string {
  const detail = bodyOf(answer)?.['detail']
  return typeof detail === 'string' ? detail : ''
}

function typeOf({ answer }: ExplainedCall): string | undefined {
  const type = bodyOf(answer)?.['scimType']
  return typeof type === 'string' ? type : undefined
}
