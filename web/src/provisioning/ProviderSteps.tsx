import type { ScimConnection } from '@keydesk/server/contract/scim'
import type { Authentication, Secret } from './credential.ts'
import { EntraSteps } from './EntraSteps.tsx'
import { OktaCatalogueSteps } from './OktaCatalogueSteps.tsx'
import { OktaWizardSteps } from './OktaWizardSteps.tsx'
import { OtherSteps } from './OtherSteps.tsx'
import type { Provider } from './providers.ts'

export interface StepsProps {
  connection: ScimConnection
  provider: Provider
  authentication: Authentication
  /** What was just created, to be copied where it belongs. */
  secret: Secret | undefined
}

/** What an admin clicks in the provider, in the provider's own words. */
export function ProviderSteps(props: StepsProps) {
  if (props.provider.key === 'okta-oin') return <OktaCatalogueSteps {...props} />
  if (props.provider.family === 'okta') return <OktaWizardSteps {...props} />
  if (props.provider.family === 'entra') return <EntraSteps {...props} />
  return <OtherSteps {...props} />
}
