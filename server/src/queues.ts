/** The names of all job queues: `migrate` makes them, since the runtime role may not. */
export const QUEUES = [
  'mail.deliver',
  'okta.import',
  'action.run',
  'action.reconcile',
  'action.approval_decided',
  'request.event',
] as const
