/** One Keydesk for all browser tests. */
import type { TestProject } from 'vitest/node'
import { startKeydesk } from './keydesk.ts'

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { keydesk, stop } = await startKeydesk()
  project.provide('keydesk', keydesk)
  return stop
}
