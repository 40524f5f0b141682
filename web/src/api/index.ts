/** The server, as the console calls it. */
export { api } from './client.ts'
