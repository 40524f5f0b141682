/** The actions that a connected Okta offers. One more is a file here and a line. */
import type { Action } from '#actions'
import { addToGroup } from './add-to-group.ts'
import { resetMfa } from './reset-mfa.ts'
import { resetPassword } from './reset-password.ts'
import { suspend } from './suspend.ts'

export const oktaActions: Action[] = [resetMfa, resetPassword, addToGroup, suspend]
