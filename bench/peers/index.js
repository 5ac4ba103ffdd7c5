import { article } from './article/peer.js'
import { betterAuth } from './better-auth/peer.js'
import { floor } from './floor/peer.js'
import { nest } from './nest/peer.js'
import { ours } from './ours/peer.js'

/** Everybody, in the order of a round. */
export const peers = [floor, article, nest, betterAuth, ours]

/** @throws TypeError when there is no peer of that name */
export function getPeer(name) {
  const peer = peers.find(candidate => candidate.name === name)
  if (!peer) throw new TypeError(`no peer is called ${name}: ${peers.map(known => known.name).join(', ')}`)
  return peer
}
