/**
 * The order of the folders, as rules. A folder of the server imports only what stands to its left,
 * and another folder only by its face.
 */
export const LAYERS = [
  ['platform'],
  ['accounts'],
  ['directory'],
  ['messages'],
  ['approvals'],
  ['actions'],
  ['okta', 'scim'],
  ['desk'],
]

const inFolder = (names) => `^server/src/(${names.join('|')})/`
const NOT_A_TEST = '\\.test\\.ts$'

const downwards = LAYERS.flatMap((layer, depth) =>
  layer.map((name) => ({
    name: `${name}-imports-leftwards`,
    comment: `server/src/${name} may import only what stands to its left: see ARCHITECTURE.md.`,
    severity: 'error',
    from: { path: inFolder([name]), pathNot: NOT_A_TEST },
    to: { path: inFolder(LAYERS.slice(depth).flat()), pathNot: inFolder([name]) },
  })),
)

const throughTheFrontDoor = LAYERS.flat().map((name) => ({
  name: `${name}-has-one-door`,
  comment: `Import #${name}, not a file inside it. contract.ts is open to all: the browser reads it.`,
  severity: 'error',
  from: { path: '^server/src/', pathNot: `${inFolder([name])}|${NOT_A_TEST}` },
  to: { path: inFolder([name]), pathNot: `^server/src/${name}/(index|contract)\\.ts$` },
}))

export default {
  forbidden: [
    ...downwards,
    ...throughTheFrontDoor,
    {
      name: 'contracts-are-pure',
      comment: 'A contract is read by the browser: zod, oRPC contracts and other contracts only.',
      severity: 'error',
      from: { path: '^server/src/.*contract\\.ts$' },
      to: { pathNot: '^server/src/.*contract\\.ts$|^node_modules/(zod|@orpc/contract)/' },
    },
    {
      name: 'kernel-stands-alone',
      comment: 'packages/scim has no dependencies and does no I/O.',
      severity: 'error',
      from: { path: '^packages/scim/src/', pathNot: NOT_A_TEST },
      to: { pathNot: '^packages/scim/src/' },
    },
    {
      name: 'scim-check-knows-the-kernel-only',
      comment:
        'packages/scim-check tries servers over the wire: it imports the kernel and nothing else of Keydesk.',
      severity: 'error',
      from: { path: '^packages/scim-check/src/', pathNot: NOT_A_TEST },
      to: { pathNot: '^packages/scim(-check)?/src/', dependencyTypesNot: ['core'] },
    },
    {
      name: 'sandbox-knows-no-keydesk',
      comment: 'The sandbox is an Okta: it knows the SCIM kernel at most.',
      severity: 'error',
      from: { path: '^packages/okta-sandbox/' },
      to: { path: '^(server|web)/' },
    },
    {
      name: 'console-knows-contracts-only',
      comment: 'The console imports @keydesk/server/contract/* and nothing else of the server.',
      severity: 'error',
      from: { path: '^web/src/' },
      to: { path: '^(server|packages)/', pathNot: '^server/src/[a-z]+/contract\\.ts$' },
    },
    {
      name: 'stores-stay-home',
      comment: 'SQL of a folder is called by that folder.',
      severity: 'error',
      from: { path: '^server/src/([a-z]+)/', pathNot: NOT_A_TEST },
      to: { path: '\\.store\\.ts$', pathNot: '^server/src/$1/' },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'nothing-unresolved',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '\\.css$' },
    },
  ],
  options: {
    // TypeScript 7 has no compiler API for the default parser; without this it would see nothing.
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '/dist/|/test/|\\.test\\.ts$' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.mjs', '.js'],
    },
  },
}
