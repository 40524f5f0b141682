import type { ScimConnection } from '@keydesk/server/contract/scim'
import { useState } from 'react'
import { CopyText, Section } from '../ui/index.ts'
import { Credentials } from './Credentials.tsx'
import type { Authentication, Secret } from './credential.ts'

/** What the provider proves itself with. */
export function CredentialsTab({ connection }: { connection: ScimConnection }) {
  const [authentication, setAuthentication] = useState<Authentication>('token')
  const [secret, setSecret] = useState<Secret>()
  return (
    <div className="kd-page-narrow kd-record-main">
      <Section title="Base URL" hint="Okta asks for it as “SCIM connector base URL”, Entra as “Tenant URL”.">
        <CopyText value={connection.baseUrl} mono />
      </Section>
      <Section
        title="Credentials"
        hint="Only their fingerprints are kept. Two of a kind work at a time, so that you can rotate."
      >
        <Credentials
          connection={connection}
          authentication={authentication}
          onAuthentication={setAuthentication}
          secret={secret}
          onSecret={setSecret}
        />
      </Section>
    </div>
  )
}
