import { Stack } from '@mantine/core'
import { IconApiApp } from '@tabler/icons-react'
import { useSuspenseQuery } from '@tanstack/react-query'
import { api } from '../api/index.ts'
import { CopyText, EmptyState, Section, SettingsPage } from '../ui/index.ts'
import { CreateApiUser } from './CreateApiUser.tsx'
import { inSettings } from './crumbs.ts'
import { ServiceUserCard } from './ServiceUserCard.tsx'

const serviceUsers = api.accounts.listServiceUsers.queryOptions()

/** Accounts for programs that call the API. Those that push over SCIM stand under Provisioning. */
export function TokensPage() {
  const { items } = useSuspenseQuery(serviceUsers).data
  const programs = items.filter(({ kind }) => kind === 'api')

  return (
    <SettingsPage
      title="API tokens"
      crumbs={inSettings}
      lead="A program gets an account of its own, with the permissions it needs and no more."
      acts={<CreateApiUser />}
    >
      <Section title="Base URL" hint="Send the token as “Authorization: Bearer …”.">
        <CopyText value={`${location.origin}/api/v1`} mono />
      </Section>
      {programs.length === 0 ? (
        <EmptyState
          icon={<IconApiApp size={32} stroke={1.25} />}
          title="No program may call Keydesk yet"
          body="Create a service user for each program, so that each can be shut out alone."
        />
      ) : (
        <Stack gap="md">
          {programs.map((program) => (
            <ServiceUserCard key={program.id} serviceUser={program} />
          ))}
        </Stack>
      )}
    </SettingsPage>
  )
}
