import { paths } from '../paths.ts'

/** The trail of every page below the settings. */
export const inSettings = [{ label: 'Settings', to: paths.settings() }]
