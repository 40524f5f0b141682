// Runs before the first paint, so that a chosen colour scheme never flashes its opposite.
// A file of its own because the content security policy refuses inline scripts.
;(() => {
  let chosen = 'auto'
  try {
    chosen = localStorage.getItem('keydesk.scheme') || 'auto'
    document.documentElement.dataset.density = localStorage.getItem('keydesk.density') || 'compact'
  } catch {
    // Storage may be switched off; the system's scheme is then right.
  }
  const dark = chosen === 'dark' || (chosen === 'auto' && matchMedia('(prefers-color-scheme: dark)').matches)
  const scheme = dark ? 'dark' : 'light'
  document.documentElement.dataset.mantineColorScheme = scheme
  document.documentElement.style.colorScheme = scheme
  document.documentElement.style.backgroundColor = dark ? '#141b1d' : '#ffffff'
})()
