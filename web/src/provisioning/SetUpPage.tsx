import './provisioning.css'
import type { ScimConnection } from '@keydesk/server/contract/scim'
import { Button, Group, Stack, Text } from '@mantine/core'
import { useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { paths } from '../paths.ts'
import { Step } from '../settings/Step.tsx'
import { AppLink, Page, ProblemAlert, Skeletons } from '../ui/index.ts'
import { Credentials } from './Credentials.tsx'
import { useConnection, useGrantableRoles } from './connections.ts'
import type { Authentication, Secret } from './credential.ts'
import { inProvisioning } from './crumbs.ts'
import { LiveLight } from './LiveLight.tsx'
import { ProviderSteps } from './ProviderSteps.tsx'
import { providerOfConnection } from './providers.ts'

/** The rest of the wizard: credential, the provider's own pages, and the light that shows when it works. */
export function SetUpPage() {
  const { connectionId = '' } = useParams({ strict: false })
  const connection = useConnection(connectionId)
  const crumbs = connection.data
    ? [...inProvisioning, { label: connection.data.name, to: paths.connection(connectionId) }]
    : inProvisioning

  return (
    <Page title="Set up the connection" crumbs={crumbs}>
      {connection.data && <SetUp key={connectionId} connection={connection.data} />}
      {connection.error && !connection.data && (
        <ProblemAlert
          error={connection.error}
          title="This connection could not be loaded"
          onRetry={() => void connection.refetch()}
        />
      )}
      {connection.isPending && <Skeletons label="Loading the connection" rows={8} />}
    </Page>
  )
}

function SetUp({ connection }: { connection: ScimConnection }) {
  const [authentication, setAuthentication] = useState<Authentication>('token')
  // What was made on this page can be copied where it belongs, as long as the page stays.
  const [secret, setSecret] = useState<Secret>()
  const provider = providerOfConnection(connection)
  const hasCredential = connection.health.state !== 'no_credential'
  const works = connection.health.calls > connection.health.failures

  return (
    <div className="kd-set-up">
      <div className="kd-set-up-steps">
        <Step number={1} title={provider.choice} done>
          <Text size="sm" c="dimmed">
            {provider.hint}
          </Text>
        </Step>
        <Step number={2} title={connection.name} done>
          <Answered connection={connection} />
        </Step>
        <Step number={3} title="Create its credential" done={hasCredential && !secret}>
          <Credentials
            connection={connection}
            authentication={authentication}
            onAuthentication={setAuthentication}
            secret={secret}
            onSecret={setSecret}
          />
        </Step>
        <Step number={4} title={`Set it up in ${provider.vendor}`} done={works}>
          <ProviderSteps
            connection={connection}
            provider={provider}
            authentication={authentication}
            secret={secret}
          />
        </Step>
        <Step number={5} title="What happens next" done={connection.counts.members > 0}>
          <Next connection={connection} vendor={provider.vendor} />
        </Step>
      </div>
      <aside aria-label="Is it heard?">
        <LiveLight connection={connection} />
      </aside>
    </div>
  )
}

function Answered({ connection }: { connection: ScimConnection }) {
  const role = useGrantableRoles().find(({ id }) => id === connection.defaultRoleId)
  return (
    <Group gap="xs" justify="space-between">
      <Text size="sm" c="dimmed" flex="1 1 260px">
        Default role: {connection.defaultRoleId ? (role?.name ?? '…') : 'the most restrictive one'}.{' '}
        {connection.mode === 'shadow'
          ? 'It watches first: nothing changes until you go live.'
          : 'It is live: what the provider sends changes this workspace.'}
      </Text>
      <Button
        component={AppLink}
        to={paths.connection(connection.id, { tab: 'settings' })}
        variant="subtle"
        size="compact-sm"
      >
        Change these answers
      </Button>
    </Group>
  )
}

function Next({ connection, vendor }: { connection: ScimConnection; vendor: string }) {
  const isShadow = connection.mode === 'shadow'
  return (
    <Stack gap="sm">
      <Text size="sm">
        {isShadow
          ? `Whoever ${vendor} assigns appears under What would change, and nowhere else. Look at it, then go live: everything shown there happens at once.`
          : `Whoever ${vendor} assigns appears under Members within seconds, with the reason of each role. Whoever it deactivates is signed out everywhere in the same moment.`}
      </Text>
      <Text size="sm" c="dimmed">
        A pushed group becomes a role. A role that did not exist before allows nothing beyond the default role
        until you give it permissions under Settings › Roles.
      </Text>
      <Group gap="xs">
        <Button
          component={AppLink}
          to={paths.connection(connection.id, isShadow ? { tab: 'shadow' } : {})}
          variant={connection.counts.members > 0 || isShadow ? 'filled' : 'default'}
        >
          {isShadow ? 'See what would change' : `Open ${connection.name}`}
        </Button>
        <Button component={AppLink} to={paths.members()} variant="default">
          See the members
        </Button>
      </Group>
    </Stack>
  )
}
