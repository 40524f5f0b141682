/** Keys that mean something anywhere, except where somebody types or a dialog is open. */

export function isTyping(target: EventTarget | null) {
  if (document.querySelector('[role="dialog"][aria-modal="true"]')) return true
  if (!(target instanceof HTMLElement)) return false
  return (
    target.isContentEditable ||
    target.closest('input, textarea, select, [role="combobox"], [role="menu"]') !== null
  )
}
