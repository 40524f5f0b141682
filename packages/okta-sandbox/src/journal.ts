/**
 * What happened, on disk. One line holds one effect: its ledger entry, its writes and its log events,
 * so after a kill either all of an effect is there or nothing of it. The seed is the snapshot.
 */
import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import type { LedgerEntry, LogRow, Write } from './org.ts'

export type JournalLine = { entry?: LedgerEntry; writes: Write[]; events: LogRow[] }

export type Journal = {
  /** Resolves when the line is on the disk, not merely in the kernel's hands. */
  append(line: JournalLine): Promise<void>
  close(): Promise<void>
}

export type Origin = { seed: string; users: number }

/** Reads how this folder began, or writes it down. Another seed over old writes would be nonsense. */
export function originOf(dataDir: string, wanted: Partial<Origin>, defaults: Origin): Origin {
  mkdirSync(dataDir, { recursive: true })
  const file = join(dataDir, 'origin.json')
  const kept = readIfThere(file)
  if (kept === undefined) {
    const origin = { seed: wanted.seed ?? defaults.seed, users: wanted.users ?? defaults.users }
    writeFileSync(file, `${JSON.stringify(origin)}\n`)
    return origin
  }
  const origin = JSON.parse(kept) as Origin
  const differs = (['seed', 'users'] as const).find(
    (key) => wanted[key] !== undefined && wanted[key] !== origin[key],
  )
  if (differs)
    throw new Error(
      `${dataDir} began with ${differs} ${origin[differs]}, not ${wanted[differs]}. Take another folder, or leave the option out.`,
    )
  return origin
}

export async function openJournal(dataDir: string, replay: (line: JournalLine) => void): Promise<Journal> {
  const file = join(dataDir, 'journal.ndjson')
  readLines(file, replay)
  return writeTo(await open(file, 'a'))
}

/** For tests that want nothing left behind. */
export function memoryJournal(): Journal {
  return { append: async () => {}, close: async () => {} }
}

function readLines(file: string, replay: (line: JournalLine) => void): void {
  const text = readIfThere(file)
  if (text === undefined) return
  // A killed process leaves at most one half line, which nobody was told about. It is cut off.
  const whole = text.lastIndexOf('\n') + 1
  if (whole < text.length) truncateSync(file, Buffer.byteLength(text.slice(0, whole)))
  for (const line of text.slice(0, whole).split('\n')) {
    if (line !== '') replay(JSON.parse(line) as JournalLine)
  }
}

function writeTo(handle: FileHandle): Journal {
  let waiting: { text: string; resolve: () => void; reject: (error: unknown) => void }[] = []
  let flushing: Promise<void> | undefined

  // Whoever arrives while the disk is busy shares the next fsync.
  const flush = async () => {
    while (waiting.length > 0) {
      const batch = waiting
      waiting = []
      try {
        await handle.appendFile(batch.map((line) => line.text).join(''))
        await handle.datasync()
        for (const line of batch) line.resolve()
      } catch (error) {
        for (const line of batch) line.reject(error)
      }
    }
    flushing = undefined
  }

  return {
    append: (line) =>
      new Promise((resolve, reject) => {
        waiting.push({ text: `${JSON.stringify(line)}\n`, resolve, reject })
        flushing ??= flush()
      }),
    async close() {
      await flushing
      await handle.close()
    },
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
