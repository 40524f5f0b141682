/** Imported before any schema: the content security policy forbids the code that Zod would compile. */
import * as z from 'zod'

z.config({ jitless: true })
