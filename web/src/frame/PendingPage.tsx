import { Skeletons } from '../ui/index.ts'

/** Between two pages, when the next is slow to come. */
export function PendingPage() {
  return (
    <div className="kd-page">
      <Skeletons label="Loading the page" rows={6} />
    </div>
  )
}
