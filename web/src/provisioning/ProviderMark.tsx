import type { Family } from './providers.ts'

/** The mark of a provider's family: a ring, a lozenge, or a plug. The name stands beside it, so it is silent. */
export function ProviderMark({ family, size = 24 }: { family: Family; size?: number }) {
  return (
    <svg className="kd-provider" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true">
      <rect x="0.5" y="0.5" width="23" height="23" rx="5.5" className="kd-provider-ground" />
      {family === 'okta' && <circle cx="12" cy="12" r="5" className="kd-provider-line" strokeWidth="3" />}
      {family === 'entra' && (
        <>
          <path d="M12 5 18.5 13 12 18 5.5 13Z" className="kd-provider-line" strokeWidth="1.75" />
          <path d="M12 5V18M5.5 13H18.5" className="kd-provider-line" strokeWidth="1.25" />
        </>
      )}
      {family === 'other' && (
        <>
          <path d="M9.5 5V9M14.5 5V9M12 16V19.5" className="kd-provider-line" strokeWidth="1.75" />
          <path d="M7 9.5H17V12A5 4 0 0 1 7 12Z" className="kd-provider-line" strokeWidth="1.75" />
        </>
      )}
    </svg>
  )
}
