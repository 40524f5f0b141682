/** The services that a new workspace begins with. */
import type { FormField } from './contract.ts'

interface ShippedService {
  key: string
  name: string
  description: string
  icon: string
  fields: FormField[]
  actionId: string | null
}

const why: FormField = {
  key: 'reason',
  label: 'Why do you need it?',
  help: 'Whoever approves it reads this.',
  kind: 'longtext',
  required: true,
}

export const SHIPPED_SERVICES: ShippedService[] = [
  {
    key: 'reset-mfa',
    name: 'Reset MFA',
    description: 'New phone, lost key: enrol your second factor again',
    icon: 'device-mobile',
    actionId: 'okta.user.reset_mfa',
    fields: [
      {
        key: 'what',
        label: 'What happened?',
        help: 'This tells IT whether to act fast.',
        kind: 'choice',
        required: true,
        choices: ['I have a new phone', 'I lost my phone or key', 'It was stolen', 'Something else'],
      },
      { ...why, label: 'Anything we should know?', required: false },
    ],
  },
  {
    key: 'group-access',
    name: 'Request group access',
    description: 'Join a group and get the apps that come with it',
    icon: 'users-group',
    actionId: 'okta.group.add_member',
    fields: [
      { key: 'group', label: 'Which group?', help: 'Type to search.', kind: 'group', required: true },
      why,
    ],
  },
  {
    key: 'reset-password',
    name: 'Reset password',
    description: 'Get a mail from Okta to choose a new password',
    icon: 'key',
    actionId: 'okta.user.reset_password',
    fields: [{ ...why, label: 'Anything we should know?', required: false }],
  },
  {
    key: 'something-else',
    name: 'Something else',
    description: 'Ask IT in your own words',
    icon: 'message-circle',
    actionId: null,
    fields: [
      { key: 'subject', label: 'In short', help: 'One line.', kind: 'text', required: true },
      { ...why, label: 'Tell us more', help: '', required: false },
    ],
  },
]
