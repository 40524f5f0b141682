/** A field in this console reads label, input, help, error: what one types never moves when an error comes. */
export const helpBelow: { inputWrapperOrder: ('label' | 'input' | 'description' | 'error')[] } = {
  inputWrapperOrder: ['label', 'input', 'description', 'error'],
}
