/** An import as people watch it. */
import type { Tx } from '#platform'
import type { Import } from '../contract.ts'
import { findLastImport, type ImportRow } from './imports.store.ts'

export async function lastImportOf(tx: Tx, connectionId: string): Promise<Import | null> {
  const row = await findLastImport(tx, connectionId)
  return row ? importView(row) : null
}

export function importView(row: ImportRow, now = Date.now()): Import {
  const seconds = (now - row.phaseBeganAt.getTime()) / 1000
  // A pace over less than a second says nothing.
  const perSecond = row.state === 'running' && seconds >= 1 && row.done > 0 ? row.done / seconds : null
  const left = row.total === null ? null : row.total - row.done
  return {
    id: row.id,
    state: row.state,
    phase: row.phase,
    done: row.done,
    total: row.total,
    perSecond: perSecond === null ? null : Math.round(perSecond * 10) / 10,
    secondsLeft: perSecond === null || left === null ? null : Math.max(Math.ceil(left / perSecond), 0),
    counts: row.counts,
    failure: row.failure,
    startedAt: row.startedAt.toISOString(),
    endedAt: row.endedAt?.toISOString() ?? null,
  }
}
