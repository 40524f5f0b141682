/** Who may change a group: what its type says, in words. */

interface GroupKind {
  label: string
  hint: string
}

const kinds: Record<string, GroupKind> = {
  OKTA_GROUP: { label: 'Okta group', hint: 'Its members can be changed in Okta and from here.' },
  APP_GROUP: { label: 'App group', hint: 'An app feeds it. Its members change in that app, not here.' },
  BUILT_IN: { label: 'Built in', hint: 'Okta keeps it, such as Everyone. Nobody can change its members.' },
}

export function groupKind(type: string): GroupKind {
  return kinds[type] ?? { label: type, hint: `Okta says ${type}.` }
}
