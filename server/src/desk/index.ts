/** The service desk: what can be asked for, what was asked, and what came of it. */
export { describeRequest, followApprovals, shipServices } from './requests.ts'
export { deskRoutes } from './routes.ts'
