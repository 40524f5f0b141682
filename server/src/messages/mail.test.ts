import { once } from 'node:events'
import { SMTPServer } from 'smtp-server'
import { expect, vi } from 'vitest'
import { systemContext, transact, work } from '#platform'
import { openTestPlatform, test } from '../../test/tenant.ts'
import { deliverMail, sendMail, sendSignInLink } from './mail.ts'

/** A mail server on loopback that keeps what it is handed; the first `failures` tries are refused. */
async function startMailServer(failures = 0) {
  const received: string[] = []
  let refusals = failures
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, _session, done) {
      let text = ''
      stream.on('data', (chunk: Buffer) => {
        text += chunk.toString('utf8')
      })
      stream.on('end', () => {
        if (refusals-- > 0) return done(new Error('try later'))
        received.push(text)
        done()
      })
    },
  })
  server.on('error', () => {})
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  const address = server.server.address()
  const port = address && typeof address !== 'string' ? address.port : 0
  return {
    url: `smtp://127.0.0.1:${port}`,
    received,
    close: () => new Promise<void>((resolve) => server.close(resolve)),
  }
}

test('a mail goes out when its transaction is committed, also after the server refused it once', async ({
  ctx,
  database,
}) => {
  const smtp = await startMailServer(1)
  const platform = await openTestPlatform(database.url, { KEYDESK_SMTP_URL: smtp.url })
  await work(platform, [deliverMail] as never, (tenantId) => systemContext(platform, tenantId))

  await transact(systemContext(platform, ctx.tenantId), (tx) =>
    sendSignInLink(tx, {
      to: 'ada@acme.example',
      name: 'Ada',
      link: 'https://desk.example/sign-in/link#token=x',
      minutes: 30,
    }),
  )

  await vi.waitUntil(() => smtp.received.length > 0, { timeout: 20_000 })
  expect(smtp.received[0]).toContain('To: ada@acme.example')
  expect(smtp.received[0]).toContain('https://desk.example/sign-in/link#token')
  await platform.close()
  await smtp.close()
})

test('a mail of a transaction that is rolled back does not exist', async ({ ctx }) => {
  const work = transact(ctx, async (tx) => {
    await sendMail(tx, { to: 'ada@acme.example', subject: 'Hello', text: 'Hello' })
    throw new Error('no')
  })

  await expect(work).rejects.toThrow('no')
  expect(await transact(ctx, (tx) => tx.db.selectFrom('mails').selectAll().execute())).toEqual([])
})

test('the text of a mail is sealed in the database', async ({ ctx }) => {
  await transact(ctx, (tx) =>
    sendMail(tx, { to: 'ada@acme.example', subject: 'Hello', text: 'a canary in a mine' }),
  )

  const rows = await transact(ctx, (tx) => tx.db.selectFrom('mails').selectAll().execute())
  expect(JSON.stringify(rows.map((row) => row.bodySealed.toString('latin1')))).not.toContain('canary')
})
