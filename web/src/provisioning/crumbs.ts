import { paths } from '../paths.ts'
import { inSettings } from '../settings/crumbs.ts'

/** The trail of every page below the list of connections. */
export const inProvisioning = [...inSettings, { label: 'Provisioning', to: paths.provisioning() }]
