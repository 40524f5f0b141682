import type { ScimConnection } from '@keydesk/server/contract/scim'
import { Button, Group, Text } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'
import { api } from '../api/index.ts'
import { paths } from '../paths.ts'
import { confirmAct, notifyDone, ProblemAlert, Section } from '../ui/index.ts'
import { useRefreshConnections } from './connections.ts'
import { counted } from './wording.ts'

/** Watching again, and the end of the connection. */
export function ConnectionEnds({ connection }: { connection: ScimConnection }) {
  const { id: connectionId, name, counts, mode } = connection
  const router = useRouter()
  const refresh = useRefreshConnections()
  const watch = useMutation(
    api.scim.startShadow.mutationOptions({
      onSuccess: async () => {
        await refresh()
        notifyDone(`${name} only watches now`)
        router.history.push(paths.connection(connectionId, { tab: 'shadow' }))
      },
    }),
  )
  const remove = useMutation(
    api.scim.removeConnection.mutationOptions({
      onSuccess: async () => {
        router.history.push(paths.provisioning())
        notifyDone(`${name} is removed`)
        await refresh()
      },
    }),
  )

  async function askToWatch() {
    const sure = await confirmAct({
      title: `Let ${name} only watch?`,
      body: `From the next call on it works on a copy. Whoever your provider locks out keeps access here until you go live again.`,
      verb: `Let ${name} only watch`,
    })
    if (sure) watch.mutate({ connectionId })
  }

  async function askToRemove() {
    const sure = await confirmAct({
      title: `Remove ${name}?`,
      body: `Its credentials end at once, and the provider is refused from the next call on. ${counted(counts.members, 'member stays', 'members stay')} as they are, with their roles; you manage them by hand from then on.`,
      verb: `Remove ${name}`,
      danger: true,
      typeToConfirm: name,
    })
    if (sure) remove.mutate({ connectionId })
  }

  return (
    <Section title="Pause or end">
      {mode === 'live' && (
        <Group justify="space-between" gap="sm">
          <Text size="sm" flex="1 1 260px">
            Watch instead of change: what the provider sends works on a copy, and you see what it would do.
          </Text>
          <Button variant="default" loading={watch.isPending} onClick={askToWatch}>
            Only watch…
          </Button>
        </Group>
      )}
      <Group justify="space-between" gap="sm">
        <Text size="sm" flex="1 1 260px">
          Remove the connection: its credentials end, its members and roles stay.
        </Text>
        <Button variant="default" c="var(--kd-failed)" loading={remove.isPending} onClick={askToRemove}>
          Remove connection…
        </Button>
      </Group>
      {(watch.error ?? remove.error) && (
        <ProblemAlert error={watch.error ?? remove.error} title="Nothing was changed" />
      )}
    </Section>
  )
}
