import { type Context, type Tx, transact } from '#platform'
import { codeOf } from './errors.ts'

const ATTEMPTS = 3

/** Does work in a transaction, again when PostgreSQL ended it for the sake of another one. */
export async function change<T>(ctx: Context, work: (tx: Tx) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await transact(ctx, work)
    } catch (error) {
      const isVictim = ['40001', '40P01'].includes(codeOf(error))
      if (!isVictim || attempt === ATTEMPTS) throw error
    }
  }
}
