import type { Member } from '@keydesk/server/contract/accounts'
import { Button, Group, Stack, Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../api/index.ts'
import { Ago, notifyDone, ProblemAlert, Section, StateBadge } from '../ui/index.ts'
import { useMemberAccess } from './member-access.ts'
import { RolePicker } from './RolePicker.tsx'

/** The roles of a member with the reason of each, and the choice of those that are given by hand. */
export function MemberRoles({ member, mayManage }: { member: Member; mayManage: boolean }) {
  const given = member.roles.filter(({ source }) => source === 'manual').map(({ roleId }) => roleId)
  const [chosen, setChosen] = useState<string[]>()
  const reasons = useMemberAccess(member.id).data?.roles ?? []
  const queryClient = useQueryClient()
  const save = useMutation(
    api.accounts.setMemberRoles.mutationOptions({
      onSuccess: async () => {
        await queryClient.invalidateQueries({ queryKey: api.accounts.key() })
        await queryClient.invalidateQueries({ queryKey: api.scim.key() })
        setChosen(undefined)
        notifyDone(`The roles of ${member.displayName} are changed`)
      },
    }),
  )

  return (
    <Section title="Roles, and why" hint="What a member may do is the sum of the roles that count.">
      <Stack component="ul" gap="xs" p={0} m={0} style={{ listStyle: 'none' }}>
        {member.roles.map((grant) => (
          <li key={`${grant.roleId}.${grant.source}.${grant.sourceName}`}>
            <Text size="sm" fw={500} component="div">
              {grant.name}{' '}
              {!grant.effective && (
                <StateBadge tone="off" hint="Another of this person’s groups goes before it">
                  Does not count
                </StateBadge>
              )}
            </Text>
            <Text size="xs" c="dimmed">
              <Reason grant={grant} sentence={reasons.find((one) => sameGrant(one, grant))?.sentence} />
            </Text>
          </li>
        ))}
        {member.roles.length === 0 && (
          <Text component="li" size="sm" c="dimmed">
            No role: may sign in, and see nothing of the desk.
          </Text>
        )}
      </Stack>
      {mayManage && chosen === undefined && (
        <Button variant="default" onClick={() => setChosen(given)} style={{ alignSelf: 'flex-start' }}>
          Change roles given by hand
        </Button>
      )}
      {chosen && (
        <Stack gap="sm">
          <RolePicker
            label="Roles given by hand"
            help="Roles from pushed groups stay as they are; change those in Okta."
            value={chosen}
            onChange={setChosen}
          />
          {save.error && <ProblemAlert error={save.error} title="The roles were not changed" />}
          <Group gap="xs">
            <Button
              loading={save.isPending}
              onClick={() => save.mutate({ memberId: member.id, roleIds: chosen })}
            >
              Save roles
            </Button>
            <Button variant="default" onClick={() => setChosen(undefined)}>
              Keep as they are
            </Button>
          </Group>
        </Stack>
      )}
    </Section>
  )
}

type Grant = Pick<Member['roles'][number], 'roleId' | 'source' | 'sourceName'>

function sameGrant(a: Grant, b: Grant) {
  return a.roleId === b.roleId && a.source === b.source && a.sourceName === b.sourceName
}

function Reason({ grant, sentence }: { grant: Member['roles'][number]; sentence: string | undefined }) {
  if (sentence) return sentence
  return (
    <>
      {reasonOf(grant)}, since <Ago at={grant.since} />
    </>
  )
}

// For those who may not read why; whoever manages members gets the server's own sentence.
function reasonOf({ source, sourceName }: Member['roles'][number]) {
  switch (source) {
    case 'manual':
      return sourceName ? `Given by hand by ${sourceName}` : 'Given by hand'
    case 'scim_group':
      return `From the pushed group ${sourceName ?? ''}`.trim()
    case 'scim_role':
      return `Named by ${sourceName ?? 'the identity provider'} on the user`
    case 'scim_default':
      return `The default role of ${sourceName ?? 'the SCIM connection'}, because no pushed group gives another`
  }
}
