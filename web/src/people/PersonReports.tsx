import type { Person } from '@keydesk/server/contract/directory'
import { paths } from '../paths.ts'
import { AppLink, Initials, Section } from '../ui/index.ts'
import { RowList } from './RowList.tsx'

/** Whom a person manages. Nothing for those who manage nobody. */
export function PersonReports({ reports }: { reports: Person['reports'] }) {
  if (reports.length === 0) return null

  return (
    <Section title={`Reports (${reports.length})`}>
      <RowList label="Reports" items={reports} itemKey={({ id }) => id} none="">
        {(report) => (
          <>
            <span className="kd-with-mark">
              <Initials name={report.displayName} />
              <AppLink className="kd-plain-link" to={paths.person(report.id)}>
                {report.displayName}
              </AppLink>
            </span>
            <span className="kd-dim">{report.email}</span>
          </>
        )}
      </RowList>
    </Section>
  )
}
