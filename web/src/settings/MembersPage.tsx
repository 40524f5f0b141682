import type { Member } from '@keydesk/server/contract/accounts'
import { Button, UnstyledButton } from '@mantine/core'
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import * as z from 'zod'
import { api } from '../api/index.ts'
import { useCan } from '../session/index.ts'
import {
  Ago,
  type Column,
  DataTable,
  EmptyState,
  Initials,
  ProblemAlert,
  SearchField,
  SettingsPage,
  Toolbar,
  useDebounced,
  usePageSearch,
} from '../ui/index.ts'
import { inSettings } from './crumbs.ts'
import { InviteMember } from './InviteMember.tsx'
import { MemberDrawer, MemberState } from './MemberDrawer.tsx'

const Search = z.object({ search: z.coerce.string().max(200), member: z.string().max(60) })

function membersLike(search: string) {
  return api.accounts.listMembers.infiniteOptions({
    input: (cursor: string | undefined) => ({ ...(search ? { search } : {}), ...(cursor ? { cursor } : {}) }),
    initialPageParam: undefined,
    getNextPageParam: (last) => last.nextCursor,
    placeholderData: keepPreviousData,
  })
}

function columnsThatOpen(open: (member: Member) => void): Column<Member>[] {
  return [
    {
      key: 'name',
      title: 'Member',
      cell: (m) => (
        <span className="kd-with-mark">
          <Initials name={m.displayName} />
          <UnstyledButton className="kd-row-link" onClick={() => open(m)}>
            {m.displayName}
          </UnstyledButton>
        </span>
      ),
    },
    { key: 'email', title: 'E-mail', cell: (m) => m.email, hideBelow: 'sm' },
    { key: 'roles', title: 'Roles', cell: (m) => rolesOf(m) },
    {
      key: 'state',
      title: 'State',
      width: 216,
      cell: (m) => <MemberState member={m} />,
      hideBelow: 'sm',
    },
    { key: 'seen', title: 'Last seen', width: 130, cell: (m) => <Ago at={m.lastSeenAt} />, hideBelow: 'md' },
  ]
}

export function MembersPage() {
  const [url, setUrl] = usePageSearch(Search)
  const typed = url.search ?? ''
  const members = useInfiniteQuery(membersLike(useDebounced(typed)))
  const [inviting, setInviting] = useState(false)
  const mayManage = useCan('members.manage')
  const rows = members.data?.pages.flatMap(({ items }) => items) ?? []

  return (
    <SettingsPage
      wide
      title="Members"
      crumbs={inSettings}
      lead="Admins and agents: the people who work in the desk. Everybody else only needs the directory."
      acts={mayManage && <Button onClick={() => setInviting(true)}>Invite member</Button>}
    >
      <Toolbar>
        <SearchField
          label="Search members"
          placeholder="Name or e-mail"
          value={typed}
          onChange={(search) => setUrl({ search }, { replace: true })}
        />
      </Toolbar>
      {members.error ? (
        <ProblemAlert
          error={members.error}
          title="The members could not be loaded"
          onRetry={() => void members.refetch()}
        />
      ) : (
        <DataTable
          label="Members"
          rows={rows}
          columns={columnsThatOpen(({ id }) => setUrl({ member: id }))}
          rowKey={(m) => m.id}
          total={members.data?.pages[0]?.total}
          loading={members.isFetching}
          onEnd={() => {
            if (members.hasNextPage && !members.isFetchingNextPage) void members.fetchNextPage()
          }}
          empty={
            <EmptyState
              title="Nobody by this name"
              body="Members appear here when invited, or pushed by Okta."
            />
          }
        />
      )}
      <MemberDrawer memberId={url.member} onClose={() => setUrl({ member: undefined })} />
      <InviteMember opened={inviting} onClose={() => setInviting(false)} />
    </SettingsPage>
  )
}

function rolesOf({ roles }: Member) {
  const names = [...new Set(roles.map(({ name }) => name))]
  return names.length > 0 ? names.join(', ') : <span className="kd-dim">None</span>
}
