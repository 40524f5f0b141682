/** For buttons that name a person: a long name breaks into lines where a phone would cut it off. */
export const longLabel = {
  styles: {
    root: { height: 'auto', minHeight: 36, paddingBlock: 6, maxWidth: '100%' },
    label: { whiteSpace: 'normal', overflowWrap: 'anywhere', lineHeight: 1.35 },
  },
} as const
