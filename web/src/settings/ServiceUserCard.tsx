import { PERMISSIONS, type ServiceUser } from '@keydesk/server/contract/accounts'
import { Group, Paper, Stack, Text, Title } from '@mantine/core'
import { Ago } from '../ui/index.ts'
import { CreateToken } from './CreateToken.tsx'
import { TokenLine } from './TokenLine.tsx'

/** A program's account: what it may do, and its tokens, those that still work first. */
export function ServiceUserCard({ serviceUser }: { serviceUser: ServiceUser }) {
  const tokens = serviceUser.tokens.toSorted(
    (a, b) => Number(a.revokedAt !== null) - Number(b.revokedAt !== null),
  )
  return (
    <Paper component="article" withBorder p="md" aria-label={serviceUser.name}>
      <Stack gap="sm">
        <Group justify="space-between" gap="xs">
          <Title order={3}>{serviceUser.name}</Title>
          <Text size="sm" c="dimmed">
            Since <Ago at={serviceUser.createdAt} />
          </Text>
        </Group>
        <Text size="sm" c="dimmed">
          {serviceUser.permissions.length === 0
            ? 'May do nothing yet.'
            : `May: ${serviceUser.permissions.map((permission) => PERMISSIONS[permission]).join('; ')}.`}
        </Text>
        {tokens.length > 0 && (
          <Stack component="ul" gap={0} p={0} m={0} style={{ listStyle: 'none' }} aria-label="Tokens">
            {tokens.map((token) => (
              <TokenLine key={token.id} token={token} owner={serviceUser.name} />
            ))}
          </Stack>
        )}
        <CreateToken serviceUser={serviceUser} />
      </Stack>
    </Paper>
  )
}
