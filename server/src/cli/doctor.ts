/** Looks whether an installation is in order, and says of each finding what to do. */
import { checkIntegrity, inspectDatabase, listTenants, type Platform, systemContext } from '#platform'
import type { Result } from './commands.ts'

interface Finding {
  what: string
  ok: boolean
  detail: string
}

export async function examine(platform: Platform, databaseUrl: string): Promise<Result> {
  const findings: Finding[] = []
  const database = await inspectDatabase(databaseUrl)
  findings.push({
    what: 'PostgreSQL',
    ok: database.version >= 150000,
    detail: `version ${database.versionText}`,
  })
  findings.push({
    what: 'Durability',
    ok: database.fsync && database.synchronousCommit,
    detail:
      database.fsync && database.synchronousCommit
        ? 'fsync and synchronous_commit are on'
        : 'fsync or synchronous_commit is off: an acknowledged change could be lost. Switch both on.',
  })
  findings.push({
    what: 'Row security',
    ok: database.unprotectedTables.length === 0,
    detail:
      database.unprotectedTables.length === 0
        ? 'forced on every table of a tenant'
        : `not forced on ${database.unprotectedTables.join(', ')}`,
  })
  findings.push({
    what: 'Run-time role',
    ok: !database.runtimeRoleIsStrong,
    detail: database.runtimeRoleIsStrong
      ? 'keydesk_app owns tables, is a superuser or bypasses row security. Take that from it.'
      : 'keydesk_app owns no table and bypasses nothing',
  })
  findings.push({
    what: 'Mail',
    ok: platform.config.smtpUrl !== undefined,
    detail: platform.config.smtpUrl
      ? 'KEYDESK_SMTP_URL is set'
      : 'KEYDESK_SMTP_URL is not set: sign-in links come from `keydesk sign-in-link` only',
  })
  for (const tenant of await listTenants(platform)) {
    const { intact, events, firstBroken } = await checkIntegrity(systemContext(platform, tenant.id))
    findings.push({
      what: `Event log of ${tenant.slug}`,
      ok: intact,
      detail: intact
        ? `${events} events, the chain is whole`
        : `the chain is broken at event ${firstBroken}. Somebody altered the database.`,
    })
  }
  // Without mail a desk works, by links from the command line.
  const healthy = findings.every(({ ok, what }) => ok || what === 'Mail')
  return {
    text: findings.map(({ what, ok, detail }) => `${ok ? 'ok  ' : 'LOOK'}  ${what}: ${detail}`).join('\n'),
    json: { healthy, findings },
    exitCode: healthy ? 0 : 1,
  }
}
