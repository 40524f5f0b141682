import type { Request } from '@keydesk/server/contract/desk'
import { Anchor, Group } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { api } from '../api/index.ts'
import { paths } from '../paths.ts'
import { AppLink, CopyText, Facts, Initials, ProblemAlert, Section } from '../ui/index.ts'

type Props = { requester: Request['requester']; mayReadPeople: boolean }

/** Who asked, with what an agent needs to judge it. */
export function RequesterFacts({ requester, mayReadPeople }: Props) {
  const person = useQuery({
    ...api.directory.getPerson.queryOptions({ input: { personId: requester.id } }),
    enabled: mayReadPeople,
  })
  const known = person.data

  return (
    <Section title="Requester">
      <Group gap="xs" wrap="nowrap">
        <Initials name={requester.displayName} size={32} />
        {mayReadPeople ? (
          <Anchor component={AppLink} to={paths.person(requester.id)} fw={600}>
            {requester.displayName}
          </Anchor>
        ) : (
          requester.displayName
        )}
      </Group>
      {person.error && (
        <ProblemAlert error={person.error} title="The directory's facts could not be loaded" />
      )}
      <Facts
        items={[
          { label: 'E-mail', value: requester.email ? <CopyText value={requester.email} /> : 'None' },
          ...(known
            ? [
                { label: 'Title', value: known.title ?? 'Not given' },
                { label: 'Department', value: known.department ?? 'Not given' },
                { label: 'Manager', value: known.manager?.displayName ?? known.managerText ?? 'Nobody' },
              ]
            : []),
        ]}
      />
    </Section>
  )
}
