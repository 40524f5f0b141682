/** PATCH of accounts (RFC 7644 §3.5.2). */
import { type Attribute, enterpriseUserSchema, type Json, userSchema } from '@keydesk/scim'
import { type CheckBody, checksOf } from '../check.ts'
import {
  answered,
  at,
  ENTERPRISE,
  isUnset,
  must,
  objects,
  PATCH,
  refused,
  resourceOf,
  same,
  skip,
  USER,
  warn,
} from '../expect.ts'
import type { Session } from '../session.ts'

type Body = Omit<CheckBody, 'writes' | 'needs'>

const forms: Body[] = [
  {
    id: 'patching.answer',
    title: 'PATCH answers 200 with the account, or 204 without a body',
    requirement: 'MUST',
    source: 'RFC 7644 §3.5.2',
    remedy: 'Answer 200 and the account, or 204 and nothing.',
    async run(s) {
      const { id } = await s.user()
      const reply = await s.patch(`/Users/${id}`, { op: 'replace', path: 'displayName', value: 'Patched' })
      answered(reply, 200, 204)
      if (reply.status === 204) same(reply.text, '', 'The body of the 204')
      else same(resourceOf(reply)['displayName'], 'Patched', 'displayName in the answer')
    },
  },
  {
    id: 'patching.attributes-parameter',
    title: 'A PATCH with attributes answers 200 and these attributes',
    requirement: 'MUST',
    source: 'RFC 7644 §3.5.2',
    remedy: 'Answer 200 with a body when attributes is given.',
    async run(s) {
      const { id } = await s.user()
      const user = resourceOf(
        await s.patch(`/Users/${id}?attributes=userName`, { op: 'replace', path: 'displayName', value: 'P' }),
      )
      must(
        !isUnset(user['userName']) && user['emails'] === undefined,
        `The answer has ${Object.keys(user).join(', ')}.`,
      )
    },
  },
  {
    id: 'patching.without-path',
    title: 'replace without a path changes the attributes in its value, and no others',
    requirement: 'MUST',
    source: 'RFC 7644 §3.5.2.3',
    remedy: 'Take the value as a bag of attributes. What it does not name stays.',
    async run(s) {
      const { id, userName } = await s.user()
      answered(
        await s.patch(`/Users/${id}`, { op: 'replace', value: { displayName: 'No path', title: 'T' } }),
        200,
        204,
      )
      const user = await s.read(`/Users/${id}`)
      same(
        [user['displayName'], user['title'], user['userName']],
        ['No path', 'T', userName],
        'displayName, title and userName',
      )
      must(objects(user['emails']).length > 0, 'emails, which the value does not name, is gone.')
    },
  },
  {
    id: 'patching.add-without-path',
    title: 'add without a path adds the attributes in its value',
    requirement: 'MUST',
    source: 'RFC 7644 §3.5.2.1',
    remedy: 'Take the value as a bag of attributes.',
    async run(s) {
      const { id } = await s.user()
      answered(await s.patch(`/Users/${id}`, { op: 'add', value: { nickName: 'Nick' } }), 200, 204)
      same((await s.read(`/Users/${id}`))['nickName'], 'Nick', 'nickName')
    },
  },
  {
    id: 'patching.merge-complex',
    title: 'replace of name with one part leaves the other parts',
    requirement: 'MUST',
    source: 'RFC 7644 §3.5.2.3',
    remedy: 'Merge complex values; unnamed sub-attributes stay.',
    async run(s) {
      const user = await s.user()
      answered(
        await s.patch(`/Users/${user.id}`, { op: 'replace', path: 'name', value: { givenName: 'Merged' } }),
        200,
        204,
      )
      const { name } = await s.read(`/Users/${user.id}`)
      same(
        [at(name, 'givenName'), at(name, 'familyName')],
        ['Merged', at(user, 'name', 'familyName')],
        'The name',
      )
    },
  },
  {
    id: 'patching.sequence',
    title: 'Operations are carried out in their order',
    requirement: 'MUST',
    source: 'RFC 7644 §3.5.2',
    remedy: 'Let each operation see what the one before it did.',
    async run(s) {
      const { id } = await s.user()
      const values = ['first', 'second', 'third']
      answered(
        await s.patch(`/Users/${id}`, ...values.map((value) => ({ op: 'replace', path: 'title', value }))),
        200,
        204,
      )
      same((await s.read(`/Users/${id}`))['title'], 'third', 'title')
    },
  },
  {
    id: 'patching.atomic',
    title: 'When one operation fails, none is carried out',
    requirement: 'MUST',
    source: 'RFC 7644 §3.5.2',
    remedy: 'Apply all operations to a copy, or in one transaction.',
    async run(s) {
      const { id, displayName } = await s.user()
      const reply = await s.patch(
        `/Users/${id}`,
        { op: 'replace', path: 'displayName', value: 'Half done' },
        { op: 'replace', path: 'emails[type eq "no-such-type"].value', value: 'x@example.com' },
        { op: 'remove' },
      )
      refused(reply, 400)
      same((await s.read(`/Users/${id}`))['displayName'], displayName, 'displayName')
    },
  },
  {
    id: 'patching.deactivate',
    title: 'active can be switched off and on, and the id stays',
    requirement: 'MUST',
    source: 'RFC 7644 §3.5.2.3',
    remedy: 'Carry out replace of active, and keep the account.',
    async run(s) {
      const { id } = await s.user()
      for (const value of [false, true]) {
        answered(await s.patch(`/Users/${id}`, { op: 'replace', path: 'active', value }), 200, 204)
        same((await s.read(`/Users/${id}`))['active'], value, 'active')
      }
    },
  },
  {
    id: 'patching.remove-without-path',
    title: 'remove without a path is refused with noTarget',
    requirement: 'MUST',
    source: 'RFC 7644 §3.5.2.2',
    remedy: 'Answer 400 with scimType noTarget.',
    async run(s) {
      const { id } = await s.user()
      refused(await s.patch(`/Users/${id}`, { op: 'remove' }), 400, 'noTarget')
    },
  },
  {
    id: 'patching.remove-absent',
    title: 'remove of what is not there is a success',
    requirement: 'SHOULD',
    source: 'RFC 7644 §3.5.2.2',
    remedy: 'Answer as if it had been there: a client that repeats itself must not fail.',
    async run(s) {
      const { id } = await s.user()
      answered(await s.patch(`/Users/${id}`, { op: 'remove', path: 'title' }), 200, 204)
    },
  },
  {
    id: 'patching.remove-required',
    title: 'remove of userName is refused',
    requirement: 'MUST',
    source: 'RFC 7644 §3.5.2.2',
    remedy: 'Answer 400 with scimType mutability.',
    async run(s) {
      const { id, userName } = await s.user()
      refused(await s.patch(`/Users/${id}`, { op: 'remove', path: 'userName' }), 400, 'mutability')
      same((await s.read(`/Users/${id}`))['userName'], userName, 'userName')
    },
  },
  {
    id: 'patching.read-only',
    title: 'replace of id is refused or ignored; the id stays',
    requirement: 'MUST',
    source: 'RFC 7644 §3.5.2',
    remedy: 'Answer 400 with scimType mutability.',
    async run(s) {
      const { id } = await s.user()
      const reply = await s.patch(`/Users/${id}`, { op: 'replace', path: 'id', value: `${s.mark}-x` })
      answered(reply, 400, 200, 204)
      same((await s.read(`/Users/${id}`))['id'], id, 'id')
      if (reply.status !== 400) warn(`It was ignored with ${reply.status}; 400 mutability would say so.`)
    },
  },
  {
    id: 'patching.no-target',
    title: 'replace with a filter that matches no value is refused with noTarget',
    requirement: 'MUST',
    source: 'RFC 7644 §3.5.2.3',
    remedy: 'Answer 400 with scimType noTarget.',
    async run(s) {
      const { id } = await s.user()
      const path = 'emails[value eq "nobody@nowhere.invalid"].display'
      refused(await s.patch(`/Users/${id}`, { op: 'replace', path, value: 'x' }), 400, 'noTarget')
    },
  },
  {
    id: 'patching.bad-path',
    title: 'A path that cannot be read is refused',
    requirement: 'MUST',
    source: 'RFC 7644 §3.12 (invalidPath)',
    remedy: 'Answer 400 with scimType invalidPath.',
    async run(s) {
      const { id } = await s.user()
      const reply = await s.patch(`/Users/${id}`, { op: 'replace', path: 'emails[type eq', value: 'x' })
      answered(reply, 400)
      must(
        ['invalidPath', 'invalidFilter', undefined].includes(at(reply.body, 'scimType') as string),
        'The scimType is another one.',
      )
    },
  },
  {
    id: 'patching.bad-op',
    title: 'An operation that does not exist is refused',
    requirement: 'MUST',
    source: 'RFC 7644 §3.5.2',
    remedy: 'Answer 400 with scimType invalidSyntax.',
    async run(s) {
      const { id } = await s.user()
      refused(
        await s.patch(`/Users/${id}`, { op: 'increment', path: 'title', value: 'x' }),
        400,
        'invalidSyntax',
      )
    },
  },
  {
    id: 'patching.no-operations',
    title: 'A PATCH without operations is refused',
    requirement: 'MUST',
    source: 'RFC 7644 §3.5.2',
    remedy: 'Answer 400: 200 would say that something was done.',
    async run(s) {
      const { id } = await s.user()
      refused(await s.send('PATCH', `/Users/${id}`, { body: { schemas: [PATCH] } }), 400)
    },
  },
  {
    id: 'patching.no-value',
    title: 'add without a value is refused',
    requirement: 'MUST',
    source: 'RFC 7644 §3.5.2.1',
    remedy: 'Answer 400 with scimType invalidValue.',
    async run(s) {
      const { id } = await s.user()
      refused(await s.patch(`/Users/${id}`, { op: 'add', path: 'title' }), 400)
    },
  },
  {
    id: 'patching.wrong-type',
    title: 'A value of the wrong type is refused',
    requirement: 'MUST',
    source: 'RFC 7644 §3.12 (invalidValue)',
    remedy: 'Answer 400 with scimType invalidValue.',
    async run(s) {
      const { id } = await s.user()
      refused(await s.patch(`/Users/${id}`, { op: 'replace', path: 'active', value: 'perhaps' }), 400)
      same((await s.read(`/Users/${id}`))['active'], true, 'active')
    },
  },
  {
    id: 'patching.unknown-user',
    title: 'PATCH of an id that nobody has answers 404',
    requirement: 'MUST',
    source: 'RFC 7644 §3.12',
    remedy: 'Answer 404.',
    async run(s) {
      refused(await s.patch(`/Users/${s.mark}-nobody`, { op: 'replace', path: 'title', value: 'x' }), 404)
    },
  },
  {
    id: 'patching.uniqueness',
    title: 'A userName that somebody else has is refused with 409',
    requirement: 'MUST',
    source: 'RFC 7644 §3.12 (uniqueness)',
    remedy: 'Answer 409 with scimType uniqueness.',
    async run(s) {
      const [one, other] = [await s.user(), await s.user()]
      refused(
        await s.patch(`/Users/${one.id}`, { op: 'replace', path: 'userName', value: other['userName'] }),
        409,
        'uniqueness',
      )
    },
  },
  {
    id: 'patching.user-name',
    title: 'userName can be replaced',
    requirement: 'MUST',
    source: 'RFC 7644 §3.5.2.3',
    remedy: 'userName is readWrite.',
    async run(s) {
      const { id } = await s.user()
      const { userName } = s.newUser()
      answered(await s.patch(`/Users/${id}`, { op: 'replace', path: 'userName', value: userName }), 200, 204)
      same((await s.read(`/Users/${id}`))['userName'], userName, 'userName')
    },
  },
  {
    id: 'patching.primary',
    title: 'A new primary value takes primary from the old one',
    requirement: 'MUST',
    source: 'RFC 7644 §3.5.2',
    remedy: 'Set primary of the other values to false.',
    async run(s) {
      const { id } = await s.user()
      const value = [{ value: `${s.mark}.second@example.com`, type: 'home', primary: true }]
      answered(await s.patch(`/Users/${id}`, { op: 'add', path: 'emails', value }), 200, 204)
      const emails = objects((await s.read(`/Users/${id}`))['emails'])
      if (emails.length < 2) skip('The server keeps one e-mail address only.')
      same(
        emails.filter(({ primary }) => primary === true).map((one) => one['value']),
        [value[0]?.value],
        'The primary addresses',
      )
    },
  },
  {
    id: 'patching.add-same',
    title: 'Adding a value that is there already changes nothing',
    requirement: 'MUST',
    source: 'RFC 7644 §3.5.2.1',
    remedy: 'Compare with what is there; do not list the value twice.',
    async run(s) {
      const user = await s.user()
      const before = await s.read(`/Users/${user.id}`)
      answered(
        await s.patch(`/Users/${user.id}`, { op: 'add', path: 'emails', value: before['emails'] }),
        200,
        204,
      )
      const after = await s.read(`/Users/${user.id}`)
      same(objects(after['emails']).length, objects(before['emails']).length, 'The number of addresses')
      same(at(after, 'meta', 'lastModified'), at(before, 'meta', 'lastModified'), 'meta.lastModified')
    },
  },
  {
    id: 'patching.value-path',
    title: 'emails[type eq "work"].value changes that address alone',
    requirement: 'MUST',
    source: 'RFC 7644 §3.5.2.3',
    remedy: 'Change the sub-attribute of the values that match.',
    async run(s) {
      const [work, home] = [`${s.mark}.w@example.com`, `${s.mark}.h@example.com`]
      const emails = [
        { value: work, type: 'work', primary: true },
        { value: home, type: 'home' },
      ]
      const { id } = await s.user({ emails })
      const value = `${s.mark}.w2@example.com`
      answered(
        await s.patch(`/Users/${id}`, { op: 'replace', path: 'emails[type eq "work"].value', value }),
        200,
        204,
      )
      const kept = objects((await s.read(`/Users/${id}`))['emails'])
      must(
        kept.some((email) => email['value'] === value && email['type'] === 'work'),
        'The address of type work did not change.',
      )
      must(
        kept.length === 1 || kept.some((email) => email['value'] === home),
        'The address of type home changed too.',
      )
    },
  },
  {
    id: 'patching.remove-value-path',
    title: 'remove of emails[type eq "home"] leaves the others',
    requirement: 'MUST',
    source: 'RFC 7644 §3.5.2.2',
    remedy: 'Remove the values that match, not the attribute.',
    async run(s) {
      const [work, home] = [`${s.mark}.w@example.com`, `${s.mark}.h@example.com`]
      const { id } = await s.user({
        emails: [
          { value: work, type: 'work', primary: true },
          { value: home, type: 'home' },
        ],
      })
      answered(await s.patch(`/Users/${id}`, { op: 'remove', path: 'emails[type eq "home"]' }), 200, 204)
      same(
        objects((await s.read(`/Users/${id}`))['emails']).map(({ value }) => value),
        [work],
        'The addresses',
      )
    },
  },
  {
    id: 'patching.name-case',
    title: 'Names in a path compare without case',
    requirement: 'MUST',
    source: 'RFC 7643 §2.1',
    remedy: 'Compare attribute names without case.',
    async run(s) {
      const { id } = await s.user()
      answered(await s.patch(`/Users/${id}`, { op: 'replace', path: 'DISPLAYNAME', value: 'Loud' }), 200, 204)
      same((await s.read(`/Users/${id}`))['displayName'], 'Loud', 'displayName')
    },
  },
  {
    id: 'patching.core-urn',
    title: 'A path may carry the URN of the core schema',
    requirement: 'MUST',
    source: 'RFC 7644 §3.10',
    remedy: `Read ${USER}:displayName as displayName.`,
    async run(s) {
      const { id } = await s.user()
      answered(
        await s.patch(`/Users/${id}`, { op: 'replace', path: `${USER}:displayName`, value: 'By URN' }),
        200,
        204,
      )
      same((await s.read(`/Users/${id}`))['displayName'], 'By URN', 'displayName')
    },
  },
  {
    id: 'patching.password',
    title: 'A new password is taken or ignored, and not returned',
    requirement: 'MUST',
    source: 'RFC 7643 §4.1.1',
    remedy: 'Never return password.',
    async run(s) {
      const { id } = await s.user()
      const reply = await s.patch(`/Users/${id}`, { op: 'replace', value: { password: 'cZ7-Patched-2026!' } })
      answered(reply, 200, 204)
      must(!reply.text.includes('cZ7-Patched'), 'The answer holds the password.')
    },
  },
  {
    id: 'patching.together',
    title: 'Five PATCHes at one time are all carried out',
    requirement: 'MUST',
    source: 'RFC 7644 §3.5.2',
    remedy:
      'Lock the account while it is read, changed and written: the last writer must not undo the others.',
    async run(s) {
      const { id } = await s.user()
      const values = { displayName: 'D', nickName: 'N', title: 'T', userType: 'U', locale: 'en-GB' }
      const replies = await Promise.all(
        Object.entries(values).map(([path, value]) =>
          s.patch(`/Users/${id}`, { op: 'replace', path, value }),
        ),
      )
      for (const reply of replies) answered(reply, 200, 204)
      const user = await s.read(`/Users/${id}`)
      const lost = Object.entries(values).filter(([name, value]) => user[name] !== value)
      for (const [name] of lost) if (!(await s.knows(USER, name))) skip(`${name} is not in the schema.`)
      must(lost.length === 0, `Answered with success, and lost: ${lost.map(([name]) => name).join(', ')}.`)
    },
  },
]

/** Values to add and to put in its place, for attributes whose form is checked. */
const VALUES: Record<string, readonly [Json, Json]> = {
  locale: ['en-GB', 'fr-FR'],
  preferredLanguage: ['en-GB', 'fr'],
  timezone: ['Europe/Paris', 'America/Denver'],
  profileUrl: ['https://example.com/one', 'https://example.com/two'],
  emails: ['keydesk-check.one@example.com', 'keydesk-check.two@example.com'],
  phoneNumbers: ['+15550100123', '+15550100456'],
  photos: ['https://example.com/one.png', 'https://example.com/two.png'],
  // The smallest DER is an empty sequence; servers that look inside refuse it, and are skipped.
  x509Certificates: ['MAA=', 'MAA='],
  country: ['GB', 'FR'],
}

const TYPE_OF: Record<string, string> = { ims: 'xmpp', photos: 'photo', phoneNumbers: 'work', emails: 'home' }

function pathCheck(target: Target, op: 'add' | 'replace' | 'remove'): CheckBody {
  const [one, two] = target.values
  const done = { add: 'keeps the value', replace: 'puts the new value', remove: 'leaves no value' }[op]
  const short = target.path.replace(`${ENTERPRISE}:`, 'enterprise:')
  return {
    id: `patching.${op}-${short.replace(/[:.]/g, '-').toLowerCase()}`,
    title: `${op} ${short} ${done}, as a GET shows`,
    requirement: 'MUST',
    source: { add: 'RFC 7644 §3.5.2.1', replace: 'RFC 7644 §3.5.2.3', remove: 'RFC 7644 §3.5.2.2' }[op],
    remedy:
      'Carry it out, or leave the attribute out of /Schemas. A success without an effect is the worst answer.',
    needs: target.schema === ENTERPRISE ? ['patch', 'enterprise'] : ['patch'],
    writes: true,
    async run(s) {
      if (!(await s.knows(target.schema, target.steps.find((step) => step !== target.schema) ?? '')))
        skip(`${short} is not in /Schemas, or is readOnly there.`)
      const { id } = await s.user()
      await tryPatch(s, id, { op: 'add', path: target.path, value: one }, target)
      if (op === 'add') return holds(await s.read(`/Users/${id}`), target, one)
      if (op === 'replace') {
        answered(await s.patch(`/Users/${id}`, { op, path: target.path, value: two }), 200, 204)
        return holds(await s.read(`/Users/${id}`), target, two, 'only')
      }
      answered(await s.patch(`/Users/${id}`, { op, path: target.path }), 200, 204)
      const left = at(await s.read(`/Users/${id}`), ...target.steps)
      must(isUnset(left), `After remove it is ${JSON.stringify(left)}.`)
    },
  }
}

interface Target {
  path: string
  steps: string[]
  schema: string
  attribute: Attribute
  values: readonly [Json, Json]
}

const TARGETS: Target[] = [userSchema, enterpriseUserSchema].flatMap((schema) =>
  schema.attributes
    .filter(
      ({ name, mutability }) =>
        mutability === 'readWrite' && !['userName', 'active', 'groups'].includes(name),
    )
    .flatMap((attribute) => targetsOf(schema.id, attribute)),
)

function targetsOf(schema: string, attribute: Attribute): Target[] {
  const isCore = schema === USER
  const { name } = attribute
  const target = (parts: string[], leaf: Attribute, values: readonly [Json, Json]): Target => ({
    path: (isCore ? '' : `${schema}:`) + parts.join('.'),
    steps: isCore ? parts : [schema, ...parts],
    schema,
    attribute: leaf,
    values,
  })
  if (attribute.multiValued) {
    const element = (value: Json) =>
      name === 'addresses'
        ? { type: 'work', locality: String(value), country: 'GB' }
        : { type: TYPE_OF[name] ?? 'work', value }
    const [one, two] = VALUES[name] ?? ['One', 'Two']
    return [target([name], attribute, [[element(one)], [{ ...element(two), type: 'other' }]])]
  }
  if (attribute.type !== 'complex') return [target([name], attribute, VALUES[name] ?? ['One', 'Two'])]
  // A manager is somebody who exists: the checks of Entra look at it.
  if (name === 'manager') return []
  return (attribute.subAttributes ?? [])
    .filter(({ mutability }) => mutability === 'readWrite')
    .map((sub) => target([name, sub.name], sub, VALUES[sub.name] ?? ['One', 'Two']))
}

// Certificates have a form of their own, and roles and entitlements are often from a list of the server's:
// that our sample is refused is no fault.
async function tryPatch(s: Session, id: string, operation: object, { path }: Target): Promise<void> {
  const reply = await s.patch(`/Users/${id}`, operation)
  if (reply.status === 400 && ['x509Certificates', 'roles', 'entitlements'].includes(path))
    skip(`The server takes ${path} of its own choice only, and refused the sample.`)
  answered(reply, 200, 204)
}

function holds(user: unknown, { steps, attribute, path }: Target, wanted: Json, how?: 'only'): void {
  const value = at(user, ...steps)
  if (!attribute.multiValued) {
    same(value, wanted, path)
    return
  }
  const key = path === 'addresses' ? 'locality' : 'value'
  const values = objects(value).map((element) => element[key])
  const sent = at(wanted, 0, key)
  must(values.includes(sent), `${path} is ${JSON.stringify(values)}, without ${JSON.stringify(sent)}.`)
  if (how === 'only') must(values.length === 1, `${path} still has ${JSON.stringify(values)}.`)
}

const paths = TARGETS.flatMap((target) =>
  (['add', 'replace', 'remove'] as const).map((op) => pathCheck(target, op)),
)

export const patching = checksOf('Patching', [
  ...forms.map((check): CheckBody => ({ ...check, needs: ['patch'], writes: true })),
  ...paths,
])
