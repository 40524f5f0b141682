/** The console's composition root. */
import './api/zod-config.ts'

import '@fontsource-variable/inter/index.css'
// In a layer of their own, Mantine's styles give way to ours whatever the order of the files.
import '@mantine/core/styles.layer.css'
import '@mantine/notifications/styles.layer.css'
import '@mantine/spotlight/styles.layer.css'
import './ui/ui.css'

import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core'
import { ModalsProvider } from '@mantine/modals'
import { Notifications } from '@mantine/notifications'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { createQueryClient } from './api/query-client.ts'
import { createConsoleRouter } from './routes.tsx'
import { leaveForSignIn } from './session/leave.ts'
import { cssVariables, theme } from './theme.ts'

const queryClient = createQueryClient(() => leaveForSignIn(router))
const router = createConsoleRouter(queryClient)

const root = document.getElementById('root')
if (!root) throw new Error('index.html has no #root.')

// After an upgrade the files of the page that is open are gone: read it anew instead of failing.
window.addEventListener('vite:preloadError', () => window.location.reload())

createRoot(root).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      defaultColorScheme="auto"
      colorSchemeManager={localStorageColorSchemeManager({ key: 'keydesk.scheme' })}
    >
      <QueryClientProvider client={queryClient}>
        <ModalsProvider>
          <Notifications position="bottom-right" limit={4} />
          <RouterProvider router={router} />
        </ModalsProvider>
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
)
