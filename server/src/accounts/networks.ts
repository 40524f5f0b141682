/** Networks that may call, as an owner writes them: addresses and CIDR ranges of IPv4 and IPv6. */
import { BlockList, isIP } from 'node:net'

interface Network {
  address: string
  bits: number
  family: 'ipv4' | 'ipv6'
}

/** @returns undefined for what is neither an address nor a network */
export function readNetwork(text: string): Network | undefined {
  const [address = '', prefix, ...rest] = text.trim().split('/')
  const version = isIP(address)
  if (version === 0 || rest.length > 0 || address.includes('%')) return undefined
  const most = version === 4 ? 32 : 128
  const bits = prefix === undefined ? most : /^\d{1,3}$/.test(prefix) ? Number(prefix) : -1
  return bits < 0 || bits > most ? undefined : { address, bits, family: version === 4 ? 'ipv4' : 'ipv6' }
}

/** The networks as a list to look in; null when none are named. One that cannot be read lets nobody in. */
export function blockListOf(networks: readonly string[]): BlockList | null {
  if (networks.length === 0) return null
  const list = new BlockList()
  for (const network of networks.map(readNetwork))
    if (network) list.addSubnet(network.address, network.bits, network.family)
  return list
}

/** Whether an address is in the list. An IPv4 address that came in an IPv6 one is the IPv4 address. */
export function isListed(list: BlockList, address: string): boolean {
  const plain = plainAddress(address)
  const version = isIP(plain)
  return version !== 0 && list.check(plain, version === 4 ? 'ipv4' : 'ipv6')
}

/** Where somebody is: the address of IPv4, the first 64 bits of IPv6, which one household has all of. */
export function neighbourhood(address: string): string {
  const plain = plainAddress(address)
  if (isIP(plain) !== 6) return plain
  const [head = '', tail] = (plain.split('%')[0] ?? '').split('::')
  const front = head === '' ? [] : head.split(':')
  if (tail === undefined) return front.slice(0, 4).join(':')
  const back = tail === '' ? [] : tail.split(':')
  const zeros = Array<string>(Math.max(0, 8 - front.length - back.length)).fill('0')
  return [...front, ...zeros, ...back].slice(0, 4).join(':')
}

function plainAddress(address: string): string {
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address
}
