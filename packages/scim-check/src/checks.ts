/** Every check there is. */
import type { Check } from './check.ts'
import { bulking } from './checks/bulk.ts'
import { creating } from './checks/creating.ts'
import { deleting } from './checks/deleting.ts'
import { discovery } from './checks/discovery.ts'
import { entra } from './checks/entra.ts'
import { errors } from './checks/errors.ts'
import { filters } from './checks/filters.ts'
import { groups } from './checks/groups.ts'
import { me } from './checks/me.ts'
import { oktaAiw, oktaOin } from './checks/okta.ts'
import { jumpCloud, oneLogin, ping } from './checks/other-clients.ts'
import { paging } from './checks/paging.ts'
import { patching } from './checks/patching.ts'
import { reading } from './checks/reading.ts'
import { replacing } from './checks/replacing.ts'
import { searching } from './checks/search.ts'
import { sorting } from './checks/sorting.ts'
import { versions } from './checks/versions.ts'

export const CHECKS: readonly Check[] = [
  ...discovery,
  ...reading,
  ...filters,
  ...creating,
  ...replacing,
  ...patching,
  ...deleting,
  ...groups,
  ...paging,
  ...sorting,
  ...searching,
  ...versions,
  ...bulking,
  ...me,
  ...errors,
  ...oktaAiw,
  ...oktaOin,
  ...entra,
  ...oneLogin,
  ...jumpCloud,
  ...ping,
]
