import type { Service } from '@keydesk/server/contract/desk'

/** Services where every typed word begins a word of the name or description; names before descriptions. */
export function searchServices(services: readonly Service[], typed: string) {
  const words = fold(typed).split(/\s+/).filter(Boolean)
  if (words.length === 0) return [...services]

  return services
    .map((service) => ({ service, rank: rank(service, words) }))
    .filter(({ rank }) => rank > 0)
    .toSorted((a, b) => b.rank - a.rank)
    .map(({ service }) => service)
}

function rank(service: Service, words: readonly string[]) {
  if (words.every((word) => begins(service.name, word))) return 2
  return words.every((word) => begins(`${service.name} ${service.description}`, word)) ? 1 : 0
}

function begins(text: string, word: string) {
  return fold(text)
    .split(/[^\p{L}\p{N}]+/u)
    .some((part) => part.startsWith(word))
}

function fold(text: string) {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
}
