import './provisioning.css'
import { Button, Group, Radio, Select, Stack, Switch, Text, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'
import type { SyntheticEvent } from 'react'
import { useState } from 'react'
import { api } from '../api/index.ts'
import { helpBelow } from '../desk/help-below.ts'
import { paths } from '../paths.ts'
import { Step } from '../settings/Step.tsx'
import { AppLink, ProblemAlert, SettingsPage, useDraft } from '../ui/index.ts'
import { useGrantableRoles, useRefreshConnections } from './connections.ts'
import { inProvisioning } from './crumbs.ts'
import { ProviderMark } from './ProviderMark.tsx'
import { PROVIDERS, type Provider, providerOf } from './providers.ts'

interface Answers {
  client: string
  name: string
  defaultRoleId: string
  shadow: boolean
}

const nothing: Answers = { client: '', name: '', defaultRoleId: '', shadow: false }
const direct = PROVIDERS.filter(({ family }) => family !== 'other')
const others = PROVIDERS.filter(({ family }) => family === 'other')

/** The first two steps of a new connection. What is answered is kept until the connection is made. */
export function NewConnectionPage() {
  const router = useRouter()
  const refresh = useRefreshConnections()
  const [answers, setAnswers, clear] = useDraft('new-connection', nothing)
  const [isMissing, setMissing] = useState(false)
  const create = useMutation(
    api.scim.createConnection.mutationOptions({
      onSuccess: async ({ id }) => {
        clear()
        await refresh()
        router.history.push(paths.connectionSetUp(id))
      },
    }),
  )
  const chosen = answers.client === '' ? undefined : providerOf(answers.client)
  const change = (part: Partial<Answers>) => setAnswers({ ...answers, ...part })

  function submit(event: SyntheticEvent) {
    event.preventDefault()
    setMissing(true)
    if (!chosen || answers.name.trim() === '') return
    const { client, name, defaultRoleId, shadow } = answers
    create.mutate({ client, name, shadow, defaultRoleId: defaultRoleId || null })
  }

  // A name that was only proposed follows the choice; one that was typed stays.
  function choose(provider: Provider) {
    const proposed = answers.name === '' || PROVIDERS.some(({ vendor }) => vendor === answers.name)
    change({ client: provider.key, ...(proposed ? { name: provider.vendor } : {}) })
    create.reset()
  }

  return (
    <SettingsPage
      title="Connect an identity provider"
      crumbs={inProvisioning}
      lead="Five steps, about ten minutes. You need an admin of your identity provider."
    >
      <form noValidate onSubmit={submit}>
        <Stack gap="xl">
          <Step number={1} title="Which identity provider?">
            <ProviderChoice
              chosen={chosen}
              onChoose={choose}
              error={isMissing && !chosen && 'Choose your identity provider.'}
            />
          </Step>
          <Step number={2} title="What do people get?">
            <Stack gap="md">
              <TextInput
                {...helpBelow}
                label="Name of the connection"
                description="It stands in the audit log beside everything the provider does."
                required
                maxLength={80}
                value={answers.name}
                onChange={(event) => change({ name: event.currentTarget.value })}
                error={isMissing && answers.name.trim() === '' && 'Enter a name.'}
              />
              <DefaultRole
                value={answers.defaultRoleId}
                onChange={(defaultRoleId) => change({ defaultRoleId })}
              />
              <Switch
                label="Watch first"
                description="Keydesk answers the provider from a copy and shows what would change. Nothing changes for anybody until you go live."
                checked={answers.shadow}
                onChange={(event) => change({ shadow: event.currentTarget.checked })}
              />
            </Stack>
          </Step>
          {create.error && <ProblemAlert error={create.error} title="The connection was not created" />}
          <Group gap="xs" ms={38}>
            <Button type="submit" loading={create.isPending}>
              Create connection
            </Button>
            <Button variant="default" component={AppLink} to={paths.provisioning()} onClick={clear}>
              Cancel
            </Button>
          </Group>
          <Text size="sm" c="dimmed" ms={38}>
            Next: its credential, then the steps in {chosen?.vendor ?? 'your provider'}, with a light that
            shows when the first call arrives.
          </Text>
        </Stack>
      </form>
    </SettingsPage>
  )
}

type ChoiceProps = {
  chosen: Provider | undefined
  onChoose: (provider: Provider) => void
  error: string | false
}

function ProviderChoice({ chosen, onChoose, error }: ChoiceProps) {
  const isOther = chosen?.family === 'other'
  return (
    <Stack gap="sm">
      <Radio.Group
        aria-label="Identity provider"
        value={isOther ? 'other' : (chosen?.key ?? null)}
        onChange={(key) => onChoose(providerOf(key === 'other' ? 'generic' : key))}
        error={error}
      >
        <Stack gap="xs">
          {direct.map((provider) => (
            <Choice
              key={provider.key}
              value={provider.key}
              family={provider.family}
              title={provider.choice}
              hint={provider.hint}
            />
          ))}
          <Choice
            value="other"
            family="other"
            title="Another provider"
            hint="OneLogin, JumpCloud, Ping, Google Workspace, or anything that speaks SCIM 2.0."
          />
        </Stack>
      </Radio.Group>
      {isOther && (
        <Select
          label="Which one?"
          data={others.map(({ key, choice }) => ({ value: key, label: choice }))}
          value={chosen.key}
          allowDeselect={false}
          onChange={(key) => onChoose(providerOf(key ?? 'generic'))}
        />
      )}
    </Stack>
  )
}

function Choice(props: { value: string; family: Provider['family']; title: string; hint: string }) {
  return (
    <Radio.Card value={props.value} p="sm" aria-label={props.title}>
      <Group wrap="nowrap" gap="sm" align="flex-start">
        <Radio.Indicator mt={2} />
        <Stack gap={0} flex={1} miw={0}>
          <Text fw={500}>{props.title}</Text>
          <Text size="sm" c="dimmed">
            {props.hint}
          </Text>
        </Stack>
        <ProviderMark family={props.family} />
      </Group>
    </Radio.Card>
  )
}

function DefaultRole({ value, onChange }: { value: string; onChange: (roleId: string) => void }) {
  const roles = useGrantableRoles()
  return (
    <Select
      {...helpBelow}
      label="Default role"
      description="For people whom no pushed group gives a role. Left empty, or when the provider names a role that does not exist, they get the most restrictive one, and the log says so. Owner cannot be given by a provider."
      placeholder="The most restrictive role"
      clearable
      clearButtonProps={{ 'aria-label': 'Clear the default role' }}
      data={roles.map(({ id, name }) => ({ value: id, label: name }))}
      value={value || null}
      onChange={(next) => onChange(next ?? '')}
    />
  )
}
