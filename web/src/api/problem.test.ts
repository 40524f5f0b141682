import { expect, test } from 'vitest'
import { ProblemError, problemOf, readProblem } from './problem.ts'

test('a problem of the server keeps its code, detail and facts', async () => {
  const body = {
    type: 'about:blank',
    title: 'Conflict',
    status: 409,
    code: 'conflict',
    detail: 'Closed.',
    facts: { n: 1 },
  }
  const problem = await readProblem(Response.json(body, { status: 409 }))
  expect(problem).toMatchObject({ code: 'conflict', status: 409, detail: 'Closed.', facts: { n: 1 } })
})

test('what a proxy answers becomes a sentence', async () => {
  const problem = await readProblem(new Response('<html>Bad gateway</html>', { status: 502 }))
  expect(problem).toMatchObject({ code: 'http_502', status: 502, facts: {} })
  expect(problem.detail).toMatch(/Try again/)
})

test('an empty body is survived', async () => {
  expect((await readProblem(new Response(null, { status: 401 }))).detail).toMatch(/Sign in/)
})

test('a problem stays itself, anything else is unexpected', () => {
  const problem = new ProblemError({ code: 'x', status: 400, detail: 'No.' })
  expect(problemOf(problem)).toBe(problem)
  expect(problemOf(new TypeError('Failed to fetch')).code).toBe('unreachable')
  expect(problemOf('what?').code).toBe('unexpected')
})
