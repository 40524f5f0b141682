/** The whole API, as the folders' contracts say it. */
import { accounts } from './accounts/contract.ts'
import { actions } from './actions/contract.ts'
import { approvals } from './approvals/contract.ts'
import { desk } from './desk/contract.ts'
import { directory } from './directory/contract.ts'
import { okta } from './okta/contract.ts'
import { scim } from './scim/contract.ts'

export const contract = { accounts, directory, okta, scim, actions, approvals, desk }
