/** Making a workspace: the tenant, its data key and the four roles that come with it. */
import {
  AppError,
  type Context,
  createDataKey,
  createTenant,
  type Platform,
  systemContext,
  transact,
} from '#platform'
import { PERMISSIONS, type Permission, tenantSlug } from './contract.ts'
import { workspaceCreated } from './events.ts'
import { comparisonKey } from './keys.ts'
import { insertRole } from './roles.store.ts'

const ALL = Object.keys(PERMISSIONS) as Permission[]

/** The roles of every workspace, least first among agents. */
const SYSTEM_ROLES: {
  key: 'owner' | 'admin' | 'agent' | 'auditor'
  name: string
  description: string
  permissions: Permission[]
}[] = [
  {
    key: 'owner',
    name: 'Owner',
    description: 'Everything, and the only role that SCIM can never give.',
    permissions: ALL,
  },
  {
    key: 'admin',
    name: 'Admin',
    description: 'Runs the desk and its connections; cannot change what roles allow.',
    permissions: ALL.filter((permission) => permission !== 'roles.manage'),
  },
  {
    key: 'agent',
    name: 'Agent',
    description: 'Works on requests and runs actions.',
    permissions: ['requests.read', 'requests.work', 'people.read', 'actions.run'],
  },
  {
    key: 'auditor',
    name: 'Auditor',
    description: 'Reads everything and changes nothing.',
    permissions: ['requests.read', 'people.read', 'audit.read'],
  },
]

/**
 * Creates a workspace.
 * @param adminUrl a connection as the owner of the tables: the runtime role may not make tenants
 * @throws AppError `invalid_input` for a bad name, `conflict` when the name is taken
 */
export async function createWorkspace(
  platform: Platform,
  adminUrl: string,
  { slug, name }: { slug: string; name: string },
): Promise<Context> {
  const checked = tenantSlug.safeParse(slug)
  if (!checked.success)
    throw new AppError(
      'invalid_input',
      `"${slug}" cannot name a workspace. ${checked.error.issues[0]?.message}`,
    )
  const tenantId = await createTenant(adminUrl, { slug, name })
  if (!tenantId) throw new AppError('conflict', `There is a workspace named ${slug} already.`)
  const ctx = systemContext(platform, tenantId)
  await transact(ctx, async (tx) => {
    await createDataKey(tx)
    for (const role of SYSTEM_ROLES)
      await insertRole(tx, { ...role, nameKey: comparisonKey(role.name), systemKey: role.key })
    workspaceCreated(tx, [tenantId], { name })
  })
  return ctx
}
