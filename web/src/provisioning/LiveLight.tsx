import type { ScimCall, ScimConnection } from '@keydesk/server/contract/scim'
import { Button } from '@mantine/core'
import {
  IconAlertTriangle,
  IconBan,
  IconCircleCheck,
  IconHourglass,
  IconPlugConnected,
} from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { api } from '../api/index.ts'
import { paths } from '../paths.ts'
import { Ago, AppLink, type StateTone } from '../ui/index.ts'
import { HEALTH } from './connections.ts'
import { providerOfConnection } from './providers.ts'
import { readablePath } from './wording.ts'

const icons: Partial<Record<StateTone, typeof IconBan>> = {
  done: IconCircleCheck,
  progress: IconPlugConnected,
  waiting: IconHourglass,
  failed: IconAlertTriangle,
  off: IconBan,
}

/** Whether the provider is heard, as it happens: the last call and what became of it. */
export function LiveLight({ connection }: { connection: ScimConnection }) {
  const latest = useQuery({
    ...api.scim.listCalls.queryOptions({ input: { connectionId: connection.id, limit: 1 } }),
    // The feed tells of calls; this is for a feed that is down while somebody waits at the screen.
    refetchInterval: 5_000,
  })
  const call = latest.data?.items[0]
  const { vendor } = providerOfConnection(connection)
  const tone = call ? toneOf(call) : HEALTH[connection.health.state].tone
  const Icon = icons[tone] ?? IconPlugConnected

  return (
    <div className="kd-light" data-tone={tone} role="status">
      <Icon size={18} stroke={1.75} aria-hidden />
      <div className="kd-light-words">
        {call ? (
          <Heard call={call} vendor={vendor} connectionId={connection.id} />
        ) : (
          <>
            <b>
              {connection.health.state === 'no_credential'
                ? 'No credential yet'
                : 'Waiting for the first call…'}
            </b>
            <p className="kd-hint">
              {connection.health.state === 'no_credential'
                ? `Create one, then give it to ${vendor}.`
                : `This changes by itself as soon as ${vendor} calls, for example by its connection test.`}
            </p>
          </>
        )}
      </div>
    </div>
  )
}

type HeardProps = { call: ScimCall; vendor: string; connectionId: string }

function Heard({ call, vendor, connectionId }: HeardProps) {
  return (
    <>
      <b>
        {vendor} called <SecondsAgo at={call.at} />
      </b>
      <span className="kd-mono">
        {call.method} {readablePath(call.path)} → {call.status}
      </span>
      <p className="kd-hint kd-clamp">{call.explanation}</p>
      {call.remedy && (
        <p className="kd-hint">
          <b>What to do:</b> {call.remedy}
        </p>
      )}
      <Button
        component={AppLink}
        to={paths.connection(connectionId, { tab: 'calls', call: call.id })}
        size="compact-sm"
        variant="subtle"
        style={{ alignSelf: 'flex-start' }}
        ms={-8}
      >
        Look at this call
      </Button>
    </>
  )
}

function toneOf({ outcome }: ScimCall): StateTone {
  if (outcome === 'done') return 'done'
  return outcome === 'held' ? 'waiting' : 'failed'
}

/** "3 s ago" for a minute, then as every time reads. */
function SecondsAgo({ at }: { at: string }) {
  const [seconds, setSeconds] = useState(() => secondsSince(at))
  useEffect(() => {
    setSeconds(secondsSince(at))
    const timer = setInterval(() => setSeconds(secondsSince(at)), 1000)
    return () => clearInterval(timer)
  }, [at])
  return seconds < 60 ? (
    <time dateTime={at} aria-live="off">
      {seconds} s ago
    </time>
  ) : (
    <Ago at={at} />
  )
}

function secondsSince(at: string) {
  return Math.max(0, Math.round((Date.now() - Date.parse(at)) / 1000))
}
