import { useRouter } from '@tanstack/react-router'
import { Page, ProblemAlert } from '../ui/index.ts'

/** A page that could not be drawn at all. */
export function FailedPage({ error, reset }: { error: unknown; reset?: () => void }) {
  const router = useRouter()

  async function retry() {
    reset?.()
    await router.invalidate()
  }

  return (
    <Page title="This page failed">
      <ProblemAlert error={error} title="The page could not be shown" onRetry={() => void retry()} />
    </Page>
  )
}
