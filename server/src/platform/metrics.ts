/** What `/metrics` answers, in the text format of Prometheus. No label holds a person or a secret. */
import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client'

export interface Metrics {
  registry: Registry
  httpSeconds: Histogram<'method' | 'route' | 'status'>
  actionRuns: Counter<'action' | 'state'>
  oktaCalls: Counter<'status'>
  scimLinesLost: Counter<'kind'>
}

export function openMetrics(): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, prefix: 'keydesk_' })
  const registers = [registry]
  return {
    registry,
    httpSeconds: new Histogram({
      name: 'keydesk_http_request_seconds',
      help: 'Time to answer, by route pattern',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
      registers,
    }),
    actionRuns: new Counter({
      name: 'keydesk_action_runs_total',
      help: 'Action runs that reached a state',
      labelNames: ['action', 'state'],
      registers,
    }),
    oktaCalls: new Counter({
      name: 'keydesk_okta_calls_total',
      help: 'Calls to Okta by the status they were answered with',
      labelNames: ['status'],
      registers,
    }),
    scimLinesLost: new Counter({
      name: 'keydesk_scim_lines_lost_total',
      help: 'Lines of the log of SCIM calls that could not be kept: reads beyond the buffer, or refused by the database',
      labelNames: ['kind'],
      registers,
    }),
  }
}
