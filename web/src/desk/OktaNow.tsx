import type { OktaUserState } from '@keydesk/server/contract/okta'
import { ActionIcon, Skeleton, Stack, Text, Tooltip } from '@mantine/core'
import { IconRefresh } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { api } from '../api/index.ts'
import { Ago, Facts, ProblemAlert, Section, StateBadge, type StateTone } from '../ui/index.ts'
import { NameList } from './NameList.tsx'
import { inWords } from './wording.ts'

// Okta answers last. Its place is kept, or the actions below would move away under the pointer.
const HEIGHT = 216

/** The person as Okta has them this second. Read when opened and on demand, never from what was imported. */
export function OktaNow({ personId }: { personId: string }) {
  const state = useQuery({
    ...api.okta.getOktaUserState.queryOptions({ input: { personId } }),
    staleTime: 15_000,
    retry: false,
  })
  const refresh = (
    <Tooltip label="Read from Okta again">
      <ActionIcon
        aria-label="Read from Okta again"
        loading={state.isFetching}
        onClick={() => state.refetch()}
      >
        <IconRefresh size={16} stroke={1.5} />
      </ActionIcon>
    </Tooltip>
  )

  return (
    <Section title="In Okta now" acts={refresh}>
      {state.isPending && <Skeleton h={HEIGHT} aria-label="Reading from Okta" />}
      {state.error && <ProblemAlert error={state.error} title="Okta could not be read" />}
      {state.data && <Now state={state.data} />}
    </Section>
  )
}

const TONES: Record<string, StateTone> = {
  ACTIVE: 'done',
  PROVISIONED: 'progress',
  STAGED: 'off',
  PASSWORD_EXPIRED: 'waiting',
  RECOVERY: 'waiting',
  LOCKED_OUT: 'failed',
  SUSPENDED: 'failed',
  DEPROVISIONED: 'off',
}

function Now({ state }: { state: OktaUserState }) {
  const factors = state.factors.filter(({ status }) => status === 'ACTIVE')
  return (
    <Stack gap="xs" mih={HEIGHT}>
      <div>
        <StateBadge tone={TONES[state.status] ?? 'off'}>{inWords(state.status)}</StateBadge>
        <Text size="sm" c="dimmed" mt={4}>
          {state.statusHint}
        </Text>
      </div>
      <Facts
        items={[
          { label: 'Last sign-in', value: state.lastLogin ? <Ago at={state.lastLogin} /> : 'Never' },
          {
            label: 'Password set',
            value: state.passwordChanged ? <Ago at={state.passwordChanged} /> : 'Never',
          },
          {
            label: 'MFA',
            value: factors.length > 0 ? factors.map(({ name }) => name).join(', ') : 'Nothing enrolled',
          },
        ]}
      />
      <NameList title="Groups" items={state.groups.map(({ id, name }) => ({ id, name }))} />
      <NameList
        title="Apps"
        items={state.apps.map(({ id, name, scope }) => ({
          id,
          name,
          note: scope === 'GROUP' ? 'by a group' : 'directly',
        }))}
      />
      <Text size="xs" c="dimmed">
        Read <Ago at={state.readAt} />
      </Text>
    </Stack>
  )
}
