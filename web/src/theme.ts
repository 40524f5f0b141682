/** The one Mantine theme, and the colours that mean something. Nothing else in the console names a colour. */
import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core'

/** The accent: a calm green-blue. Shade 7 stands at 5.2 : 1 under white. */
const tide: MantineColorsTuple = [
  '#ebf7f8',
  '#d8eef0',
  '#afdde1',
  '#82cad0',
  '#5ab9c1',
  '#3ba9b2',
  '#218f98',
  '#11797f',
  '#0d676d',
  '#0a5257',
]

const gray: MantineColorsTuple = [
  '#f5f8f8',
  '#ecf1f1',
  '#e0e7e8',
  '#d0dadb',
  '#b7c4c6',
  '#7f8f92',
  '#56666a',
  '#435357',
  '#2b393c',
  '#192426',
]

/** 8 is the navigation, 7 the page, 6 what is raised, 4 the borders: three steps, and no shadow. */
const dark: MantineColorsTuple = [
  '#dde6e7',
  '#bcc8ca',
  '#9aa9ac',
  '#84959a',
  '#344346',
  '#293538',
  '#1d2628',
  '#141b1d',
  '#0e1415',
  '#090d0e',
]

// A dialog's heading is no banner of the page, though Mantine draws it as a <header>.
const quietHeader = { header: { role: 'presentation' } }

export const theme = createTheme({
  primaryColor: 'tide',
  primaryShade: { light: 7, dark: 7 },
  colors: { tide, gray, dark },
  black: '#152022',
  white: '#ffffff',
  fontFamily: "'Inter Variable', system-ui, sans-serif",
  fontFamilyMonospace: "ui-monospace, 'SF Mono', 'Cascadia Mono', Menlo, Consolas, monospace",
  fontSizes: { xs: '12px', sm: '13px', md: '14px', lg: '16px', xl: '18px' },
  lineHeights: { xs: '1.4', sm: '1.45', md: '1.5', lg: '1.5', xl: '1.4' },
  spacing: { xs: '8px', sm: '12px', md: '16px', lg: '24px', xl: '32px' },
  radius: { xs: '3px', sm: '4px', md: '6px', lg: '8px', xl: '12px' },
  defaultRadius: 'md',
  headings: {
    fontWeight: '600',
    sizes: {
      h1: { fontSize: '20px', lineHeight: '28px' },
      h2: { fontSize: '16px', lineHeight: '24px' },
      h3: { fontSize: '14px', lineHeight: '20px' },
    },
  },
  respectReducedMotion: true,
  cursorType: 'pointer',
  focusRing: 'auto',
  components: {
    Button: { defaultProps: { size: 'sm' } },
    ActionIcon: { defaultProps: { variant: 'subtle', color: 'gray' } },
    Tooltip: { defaultProps: { withArrow: false, openDelay: 300 } },
    Modal: {
      defaultProps: { transitionProps: { duration: 120 }, shadow: 'md', attributes: quietHeader },
    },
    Drawer: { defaultProps: { transitionProps: { duration: 120 }, attributes: quietHeader } },
    Menu: { defaultProps: { shadow: 'md', transitionProps: { duration: 100 } } },
    Select: { defaultProps: { comboboxProps: { shadow: 'md', transitionProps: { duration: 100 } } } },
  },
})

/** The six meanings of colour: text upon its soft ground, both at 4.5 : 1 or more. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {
    '--kd-nav-width': '220px',
    '--kd-top-height': '48px',
  },
  light: {
    '--mantine-color-placeholder': '#647478',
    '--mantine-color-error': '#b3261e',
    '--mantine-color-disabled-color': '#647478',
    '--kd-surface-nav': '#f5f8f8',
    '--kd-surface-raised': '#ffffff',
    '--kd-surface-sunken': '#f5f8f8',
    '--kd-line': '#e0e7e8',
    '--kd-line-strong': '#d0dadb',
    '--kd-hover': '#f0f5f5',
    '--kd-selected': '#e2f1f2',
    '--kd-done': '#1c6634',
    '--kd-done-soft': '#e4f4e9',
    '--kd-progress': '#1b5896',
    '--kd-progress-soft': '#e4effb',
    '--kd-waiting': '#7d4a00',
    '--kd-waiting-soft': '#fdf0d8',
    '--kd-failed': '#a8231c',
    '--kd-failed-soft': '#fcebe9',
    '--kd-automated': '#663a9b',
    '--kd-automated-soft': '#f2eafb',
    '--kd-off': '#4d5b5f',
    '--kd-off-soft': '#ebf0f0',
  },
  dark: {
    '--mantine-color-error': '#f7978f',
    '--mantine-color-disabled-color': '#84959a',
    '--kd-surface-nav': '#0e1415',
    '--kd-surface-raised': '#1d2628',
    '--kd-surface-sunken': '#0e1415',
    '--kd-line': '#293538',
    '--kd-line-strong': '#344346',
    '--kd-hover': '#1a2325',
    '--kd-selected': '#15363a',
    '--kd-done': '#82d69d',
    '--kd-done-soft': '#15301e',
    '--kd-progress': '#8ec6f7',
    '--kd-progress-soft': '#13293e',
    '--kd-waiting': '#f3c072',
    '--kd-waiting-soft': '#35270b',
    '--kd-failed': '#f99d95',
    '--kd-failed-soft': '#3c1917',
    '--kd-automated': '#cbadf2',
    '--kd-automated-soft': '#2b203d',
    '--kd-off': '#a9b6b9',
    '--kd-off-soft': '#232e30',
  },
})
