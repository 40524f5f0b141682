import type { ScimCall } from '@keydesk/server/contract/scim'
import { paths } from '../paths.ts'
import { Ago, AppLink } from '../ui/index.ts'
import { OUTCOME } from './connections.ts'
import { StateOf } from './StateOf.tsx'
import { readablePath } from './wording.ts'

/** One call as a line: what it did, and as small print what it was. */
export function CallLine({ call, connectionId }: { call: ScimCall; connectionId: string }) {
  return (
    <li>
      <div>
        <AppLink className="kd-row-link" to={paths.connection(connectionId, { tab: 'calls', call: call.id })}>
          <span className="kd-clamp">{call.explanation}</span>
        </AppLink>
        <span className="kd-call kd-dim">
          <span className="kd-method">{call.method}</span>
          <span className="kd-mono">{readablePath(call.path)}</span>
        </span>
      </div>
      <StateOf of={OUTCOME[call.outcome]} />
      <span className="kd-dim">
        <Ago at={call.at} />
      </span>
    </li>
  )
}
