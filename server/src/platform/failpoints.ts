/**
 * Named places at which a test may make this process die, hang or throw: `KEYDESK_FAILPOINT` holds
 * `name:nth:kill|hang|throw`. Without the setting a failpoint costs one comparison.
 */
const [armed, nth, deed] = (process.env['KEYDESK_FAILPOINT'] ?? '').split(':')
let visits = 0

export type Failpoint =
  | 'action.sending'
  | 'action.sent'
  | 'action.answered'
  | 'import.page'
  | 'import.committed'

export async function failpoint(name: Failpoint): Promise<void> {
  if (name !== armed || ++visits !== Number(nth)) return
  if (deed === 'kill') process.kill(process.pid, 'SIGKILL')
  if (deed === 'throw') throw new Error(`Failpoint ${name}`)
  await new Promise(() => {})
}
