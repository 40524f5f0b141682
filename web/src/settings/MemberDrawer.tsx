import type { Member } from '@keydesk/server/contract/accounts'
import { Drawer, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { api } from '../api/index.ts'
import { paths } from '../paths.ts'
import { useCan } from '../session/index.ts'
import { Ago, AppLink, CopyText, Facts, ProblemAlert, Section, Skeletons, StateBadge } from '../ui/index.ts'
import { MemberAttributes } from './MemberAttributes.tsx'
import { MemberBreakGlass } from './MemberBreakGlass.tsx'
import { MemberHistory } from './MemberHistory.tsx'
import { MemberLock } from './MemberLock.tsx'
import { MemberRoles } from './MemberRoles.tsx'
import { useMemberAccess } from './member-access.ts'

const SOURCES = {
  invited: 'Invited by hand',
  scim: 'Provisioned over SCIM: name, e-mail and access follow the identity provider',
}

/** One member beside the list: by id, because a link may name one that the list does not show. */
export function MemberDrawer({ memberId, onClose }: { memberId: string | undefined; onClose: () => void }) {
  const member = useQuery(
    api.accounts.getMember.queryOptions({
      input: { memberId: memberId ?? '' },
      enabled: memberId !== undefined,
    }),
  )
  const shown = member.data?.id === memberId ? member.data : undefined
  return (
    <Drawer
      opened={memberId !== undefined}
      onClose={onClose}
      position="right"
      size="lg"
      title={shown?.displayName ?? 'Member'}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {shown && <MemberStory key={shown.id} member={shown} />}
      {member.error && <ProblemAlert error={member.error} title="This member could not be loaded" />}
      {member.isPending && memberId && <Skeletons label="Loading the member" rows={6} />}
    </Drawer>
  )
}

function MemberStory({ member }: { member: Member }) {
  const mayManage = useCan('members.manage')
  const mayDecide = useCan('roles.manage')
  const { person } = useMemberAccess(member.id).data ?? {}
  return (
    <Stack gap="lg">
      <Facts
        items={[
          { label: 'State', value: <MemberState member={member} /> },
          { label: 'E-mail', value: <CopyText value={member.email} /> },
          { label: 'Title', value: member.title },
          { label: 'Account', value: SOURCES[member.source] },
          ...(person
            ? [
                {
                  label: 'Person',
                  value: (
                    <AppLink className="kd-link" to={paths.person(person.id)}>
                      {person.name}
                    </AppLink>
                  ),
                  hint: 'The same human being in the directory',
                },
              ]
            : []),
          { label: 'Last seen', value: <Ago at={member.lastSeenAt} /> },
          { label: 'Since', value: <Ago at={member.createdAt} /> },
        ]}
      />
      <MemberRoles member={member} mayManage={mayManage} />
      {mayManage && (
        <Section title="Access">
          <MemberLock member={member} />
        </Section>
      )}
      {mayDecide && <MemberBreakGlass member={member} />}
      {mayManage && <MemberHistory memberId={member.id} />}
      {mayManage && <MemberAttributes memberId={member.id} />}
    </Stack>
  )
}

export function MemberState({ member: { active, breakGlass } }: { member: Member }) {
  return (
    <>
      {active ? <StateBadge tone="done">Active</StateBadge> : <StateBadge tone="off">Deactivated</StateBadge>}{' '}
      {breakGlass && (
        <StateBadge
          tone="waiting"
          hint="For the day on which the identity provider is down: no connection sees or changes it"
        >
          Break-glass
        </StateBadge>
      )}
    </>
  )
}
