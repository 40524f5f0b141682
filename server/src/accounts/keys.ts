/**
 * What names are compared by: compatibility forms unified, ASCII letters folded. Only ASCII is
 * folded, so that the database and this code can never disagree about an exotic letter.
 */
export function comparisonKey(text: string): string {
  return text
    .normalize('NFKC')
    .trim()
    .replace(/[A-Z]/g, (letter) => letter.toLowerCase())
}
