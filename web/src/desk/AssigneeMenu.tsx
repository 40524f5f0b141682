import type { Request } from '@keydesk/server/contract/desk'
import { Button, Menu, TextInput } from '@mantine/core'
import { IconChevronDown } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../api/index.ts'
import { useSession } from '../session/index.ts'
import { notifyProblem, useDebounced } from '../ui/index.ts'

type Props = { request: Request; onDone: (next: Request) => void }

/** One click when nobody has it; otherwise a menu with everybody who may. */
export function AssigneeMenu({ request, onDone }: Props) {
  const [opened, setOpened] = useState(false)
  const [typed, setTyped] = useState('')
  const search = useDebounced(typed, 200)
  const me = useSession().member?.id
  const members = useQuery({
    ...api.accounts.listMembers.queryOptions({ input: { ...(search ? { search } : {}), limit: 20 } }),
    enabled: opened,
  })
  const assign = useMutation(
    api.desk.setAssignee.mutationOptions({ onSuccess: onDone, onError: notifyProblem }),
  )
  const give = (memberId: string | null) => assign.mutate({ number: request.number, memberId })

  const others = members.data?.items.filter(({ id, active }) => active && id !== request.assignee?.id) ?? []

  return (
    <>
      {!request.assignee && me && (
        <Button variant="default" loading={assign.isPending} onClick={() => give(me)}>
          Assign to me
        </Button>
      )}
      <Menu opened={opened} onChange={setOpened} position="bottom-end" width={260}>
        <Menu.Target>
          <Button variant="default" rightSection={<IconChevronDown size={14} stroke={1.5} aria-hidden />}>
            {request.assignee ? `Assigned to ${request.assignee.displayName}` : 'Assign to…'}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <TextInput
            m={4}
            size="xs"
            aria-label="Find a member"
            placeholder="Find a member"
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
          {others.map(({ id, displayName }) => (
            <Menu.Item key={id} onClick={() => give(id)}>
              {id === me ? `${displayName} (me)` : displayName}
            </Menu.Item>
          ))}
          {members.isSuccess && others.length === 0 && <Menu.Label>Nobody by this name</Menu.Label>}
          {request.assignee && (
            <>
              <Menu.Divider />
              <Menu.Item onClick={() => give(null)}>Assign to nobody</Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
    </>
  )
}
