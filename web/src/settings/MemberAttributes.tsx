import { ProblemAlert, Section, Skeletons } from '../ui/index.ts'
import { useMemberAccess } from './member-access.ts'

/** Everything the provider sent about a member, as it sent it. */
export function MemberAttributes({ memberId }: { memberId: string }) {
  const access = useMemberAccess(memberId)
  return (
    <Section title="Attributes" hint="As the identity provider sent them.">
      {access.isPending && <Skeletons label="Loading the attributes" rows={4} />}
      {access.error && <ProblemAlert error={access.error} title="The attributes could not be loaded" />}
      {access.data?.attributes.length === 0 && (
        <p className="kd-hint">None: no identity provider has sent anything about this member.</p>
      )}
      {access.data && access.data.attributes.length > 0 && (
        <dl className="kd-facts kd-attributes">
          {access.data.attributes.map(({ path, value }) => (
            <div key={path}>
              <dt className="kd-mono">{path}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      )}
    </Section>
  )
}
