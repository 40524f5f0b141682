import type { Member } from '@keydesk/server/contract/accounts'
import { Button, Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { api } from '../api/index.ts'
import { longLabel } from '../desk/long-label.ts'
import { confirmAct, notifyDone, ProblemAlert, Section } from '../ui/index.ts'

/** The mark of an account that no identity provider can reach. */
export function MemberBreakGlass({ member }: { member: Member }) {
  const { displayName: name, breakGlass, id: memberId } = member
  const queryClient = useQueryClient()
  const set = useMutation(
    api.accounts.setBreakGlass.mutationOptions({
      onSuccess: async () => {
        await queryClient.invalidateQueries({ queryKey: api.accounts.key() })
        await queryClient.invalidateQueries({ queryKey: api.scim.key() })
        notifyDone(breakGlass ? `Providers see ${name} again` : `${name} is a break-glass account`)
      },
    }),
  )

  async function ask() {
    const sure = await confirmAct({
      title: breakGlass ? `Let providers see ${name} again?` : `Make ${name} a break-glass account?`,
      body: breakGlass
        ? `From the next call on an identity provider can find, change and lock out ${name}.`
        : `No identity provider sees, changes or locks out ${name} any more, not even when they leave. Keep one or two such accounts, and look after them by hand.`,
      verb: breakGlass ? `Let providers see ${name}` : `Make ${name} break-glass`,
    })
    if (sure) set.mutate({ memberId, breakGlass: !breakGlass })
  }

  return (
    <Section title="Break-glass">
      <Text size="sm" c="dimmed">
        {breakGlass
          ? 'This account is for the day on which the identity provider is down: no connection sees or changes it.'
          : 'An account for the day on which the identity provider is down: no connection sees or changes it.'}
      </Text>
      {set.error && <ProblemAlert error={set.error} title="Nothing was changed" />}
      <Button
        {...longLabel}
        variant="default"
        loading={set.isPending}
        onClick={ask}
        style={{ alignSelf: 'flex-start' }}
      >
        {breakGlass ? `Let providers see ${name} again…` : `Make ${name} a break-glass account…`}
      </Button>
    </Section>
  )
}
