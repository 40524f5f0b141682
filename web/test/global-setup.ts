/** One Keydesk for all browser tests. */
import { rm } from 'node:fs/promises'
import type { TestProject } from 'vitest/node'
import { screenshots, startKeydesk } from './keydesk.ts'

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  await rm(screenshots, { recursive: true, force: true })
  const { keydesk, stop } = await startKeydesk()
  project.provide('keydesk', keydesk)
  return stop
}
