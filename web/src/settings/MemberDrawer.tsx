import type { Member } from '@keydesk/server/contract/accounts'
import { Drawer, Stack } from '@mantine/core'
import { useCan } from '../session/index.ts'
import { Ago, CopyText, Facts, Section, StateBadge } from '../ui/index.ts'
import { MemberLock } from './MemberLock.tsx'
import { MemberRoles } from './MemberRoles.tsx'

const SOURCES = {
  invited: 'Invited by hand',
  scim: 'Provisioned over SCIM: name, e-mail and access follow the identity provider',
}

/** One member beside the list. */
export function MemberDrawer({ member, onClose }: { member: Member | undefined; onClose: () => void }) {
  const mayManage = useCan('members.manage')
  return (
    <Drawer
      opened={member !== undefined}
      onClose={onClose}
      position="right"
      title={member?.displayName}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {member && (
        <Stack gap="lg">
          <Facts
            items={[
              {
                label: 'State',
                value: member.active ? (
                  <StateBadge tone="done">Active</StateBadge>
                ) : (
                  <StateBadge tone="off">Deactivated</StateBadge>
                ),
              },
              { label: 'E-mail', value: <CopyText value={member.email} /> },
              { label: 'Title', value: member.title },
              { label: 'Account', value: SOURCES[member.source] },
              { label: 'Last seen', value: <Ago at={member.lastSeenAt} /> },
              { label: 'Since', value: <Ago at={member.createdAt} /> },
            ]}
          />
          <MemberRoles key={member.id} member={member} mayManage={mayManage} />
          {mayManage && (
            <Section title="Access">
              <MemberLock member={member} />
            </Section>
          )}
        </Stack>
      )}
    </Drawer>
  )
}
