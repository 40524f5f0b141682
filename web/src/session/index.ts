/** Signing in and out, and who is signed in. */
export { sessionQuery, useCan, useSession } from './session.ts'
