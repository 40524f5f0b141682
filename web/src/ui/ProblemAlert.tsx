import { Alert, Button } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { problemOf } from '../api/problem.ts'
import { CopyText } from './CopyText.tsx'

export interface ProblemAlertProps {
  error: unknown
  title?: string
  /** Offers to try again. */
  onRetry?: (() => void) | undefined
}

/** What failed, once, where the act was. The code stands small beneath, to be copied into a report. */
export function ProblemAlert({ error, title, onRetry }: ProblemAlertProps) {
  const problem = problemOf(error)
  const remedy = problem.facts['remedy']

  return (
    <Alert
      className="kd-problem"
      role="alert"
      icon={<IconAlertTriangle size={18} stroke={1.5} />}
      title={title}
    >
      <p>{problem.detail}</p>
      {typeof remedy === 'string' && <p>{remedy}</p>}
      <div className="kd-problem-foot">
        <CopyText mono value={codeOf(problem.code, problem.facts)} />
        {onRetry && (
          <Button size="xs" variant="default" onClick={onRetry}>
            Try again
          </Button>
        )}
      </div>
    </Alert>
  )
}

// An Okta refusal carries Okta's own code and request id, which Okta's support will ask for.
function codeOf(code: string, facts: Readonly<Record<string, unknown>>) {
  const remote = [facts['oktaCode'], facts['errorCode'], facts['requestId']].filter(
    (fact) => typeof fact === 'string',
  )
  return [code, ...remote].join(' · ')
}
