/** The server, as the console calls it. */
export { api, apiBase, client, contract } from './client.ts'
export { ProblemError, problemOf } from './problem.ts'
