/**
 * Mail out. A mail is written down in the transaction that wants it sent, its body sealed, and
 * goes out as a job when that commits. Without an SMTP server it stays in the outbox: links then
 * come from `keydesk sign-in-link`.
 */
import { createTransport } from 'nodemailer'
import {
  defineJob,
  enqueue,
  isShadow,
  messageOf,
  newId,
  seal,
  systemContext,
  type Tx,
  transact,
  unseal,
} from '#platform'
import * as store from './mail.store.ts'

const place = (id: string) => ({ table: 'mails', column: 'body_sealed', id })

/** Puts a mail into the outbox of the transaction; from a shadow nothing goes out. */
export async function sendMail(tx: Tx, mail: { to: string; subject: string; text: string }): Promise<void> {
  if (isShadow(tx.tenantId)) return
  const id = newId('mai')
  await store.insertMail(tx, {
    id,
    recipient: mail.to,
    subject: mail.subject,
    bodySealed: await seal(tx, place(id), mail.text),
  })
  if (tx.platform.config.smtpUrl) await enqueue(tx, deliverMail, { mailId: id })
}

/** The mail that carries a sign-in link. */
export async function sendSignInLink(
  tx: Tx,
  mail: { to: string; name: string; link: string; minutes: number },
): Promise<void> {
  const { name: workspace } = await tx.db
    .selectFrom('tenants')
    .select('name')
    .where('id', '=', tx.tenantId)
    .executeTakeFirstOrThrow()
  const lines = [
    `Hello ${mail.name},`,
    '',
    `open this link to sign in to ${workspace}. It works once, for ${mail.minutes} minutes:`,
    '',
    mail.link,
    '',
    'If you did not ask for it, ignore this mail: nobody can sign in without the link.',
  ]
  await sendMail(tx, { to: mail.to, subject: `Sign in to ${workspace}`, text: lines.join('\n') })
}

/** Hands one mail to the SMTP server; the lock of its row is held meanwhile, so it goes out once. */
export const deliverMail = defineJob<{ mailId: string }>({
  name: 'mail.deliver',
  retries: 8,
  async run(ctx, { mailId }) {
    const { smtpUrl, mailFrom } = ctx.platform.config
    if (!smtpUrl) return
    const failure = await transact(systemContext(ctx.platform, ctx.tenantId), async (tx) => {
      const mail = await store.takeMail(tx, mailId)
      if (!mail) return undefined
      const transport = createTransport(smtpUrl)
      try {
        const text = await unseal(tx, place(mail.id), mail.bodySealed)
        await transport.sendMail({
          from: mailFrom,
          to: mail.recipient,
          subject: mail.subject,
          text,
          messageId: `<${mail.id}@keydesk>`,
        })
        await store.markSent(tx, mail.id)
        return undefined
      } catch (error) {
        await store.markFailed(tx, mail.id, messageOf(error))
        return error
      } finally {
        transport.close()
      }
    })
    // Thrown after the failure is written down, so that the job is tried again.
    if (failure) throw failure
  },
})
