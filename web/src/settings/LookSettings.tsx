import { Input, SegmentedControl, Stack, useMantineColorScheme } from '@mantine/core'
import { Section, setDensity, useDensity } from '../ui/index.ts'

/** How Keydesk looks in this browser. */
export function LookSettings() {
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const density = useDensity()

  return (
    <Section title="Look" hint="Kept in this browser.">
      <Stack gap="md" align="flex-start">
        <Input.Wrapper label="Theme" labelElement="div">
          <SegmentedControl
            mt={4}
            display="flex"
            aria-label="Theme"
            value={colorScheme}
            onChange={(next) => setColorScheme(next)}
            data={[
              { value: 'auto', label: 'As the system' },
              { value: 'light', label: 'Light' },
              { value: 'dark', label: 'Dark' },
            ]}
          />
        </Input.Wrapper>
        <Input.Wrapper label="Rows of tables" labelElement="div">
          <SegmentedControl
            mt={4}
            display="flex"
            aria-label="Rows of tables"
            value={density}
            onChange={(next) => setDensity(next)}
            data={[
              { value: 'compact', label: 'Compact' },
              { value: 'comfortable', label: 'Comfortable' },
            ]}
          />
        </Input.Wrapper>
      </Stack>
    </Section>
  )
}
