import type { Request } from '@keydesk/server/contract/desk'
import { Anchor, Group } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { api } from '../api/index.ts'
import { paths } from '../paths.ts'
import { AppLink, CopyText, Facts, Initials, ProblemAlert, Section } from '../ui/index.ts'
import { inWords } from './wording.ts'

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
      {requester.email && <CopyText value={requester.email} />}
      {person.error && (
        <ProblemAlert error={person.error} title="The directory's facts could not be loaded" />
      )}
      {known && (
        <Facts
          items={[
            { label: 'Title', value: known.title },
            { label: 'Department', value: known.department },
            { label: 'Manager', value: known.manager?.displayName ?? known.managerText },
            {
              label: 'Status',
              value: inWords(known.status),
              hint: 'As imported; the live state stands below',
            },
          ]}
        />
      )}
    </Section>
  )
}
