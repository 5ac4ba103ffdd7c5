import type { ConflictChoice, Outcome } from '@mplogin/contract'
import { dayMs } from '../clock.js'
import type { AccountStatus } from '../store/schema.js'
import { type Claim, type Identity, isSameIdentity } from './identity.js'
import type { LinkPolicy } from './link-policy.js'

/** An account that owns a claim, or that is signed in, as far as the decision needs it. */
export interface AccountFacts {
  readonly id: string
  readonly status: AccountStatus
  readonly createdAt: Date
  readonly lastSeenAt: Date
  readonly identities: readonly Identity[]
}

/** All that the decision looks at. */
export interface LinkFacts {
  /** The identities proven in this request. */
  readonly claims: readonly Claim[]
  /** Every account that owns a claim, and the signed-in one. */
  readonly owners: readonly AccountFacts[]
  /** The account of the access token, which stands for the openid's owner when a phone is bound. */
  readonly signedInId?: string
  /** Pairs of owners that an administrator told apart by undoing their merge. */
  readonly separated?: readonly (readonly [string, string])[]
  /** What the user chose after a conflict. */
  readonly choice?: ConflictChoice
  readonly now: Date
}

/** The rows of the design's table. */
export type LinkRule = 'R0' | 'R1' | 'R1a' | 'R1b' | 'R2a' | 'R2b'

/** What to carry out, all of it in one transaction. */
export interface LinkPlan {
  readonly kind: 'proceed'
  readonly rule: LinkRule
  readonly outcome: Outcome
  /** The account to sign in to: an id, or a new one. */
  readonly accountId: string | 'new'
  /** Accounts that become tombstones of it. */
  readonly merge: readonly string[]
  /** Claims that nobody owned. */
  readonly attach: readonly Claim[]
  /** Claims that another account owned and that the user chose to move. */
  readonly move: readonly Claim[]
  /** The account's phones that give way to the one just proven. */
  readonly release: readonly Identity[]
}

/** The decision: carry out a plan, ask the user, or refuse. */
export type LinkDecision =
  | LinkPlan
  | {
      readonly kind: 'conflict'
      readonly rule: LinkRule
      readonly code: 'ACCOUNT_CONFLICT' | 'PHONE_MAY_BE_RECYCLED'
      readonly choices: readonly ConflictChoice[]
    }
  | { readonly kind: 'refuse'; readonly rule?: LinkRule; readonly code: 'ACCOUNT_DISABLED' | 'PHONE_ALREADY_BOUND' }

/**
 * Decides who the person is that proved these claims. Pure: the same facts, policy and choice give the same decision.
 * A choice counts only where its question would be asked; elsewhere the facts decide.
 */
export function decideLink(facts: LinkFacts, policy: LinkPolicy): LinkDecision {
  const { owners } = facts
  if (owners.some(owner => owner.status === 'disabled')) return { kind: 'refuse', code: 'ACCOUNT_DISABLED' }
  const [owner] = owners
  if (!owner) return createAccount(facts, 'R0')
  if (owners.length > 1) return decideBetween(facts, policy)
  if (isSecondWechat(facts, owner)) return decideSecondWechat(facts, policy, owner)
  return signIn(facts, policy, owner, 'R1')
}

/** R0, and the choice `new_account`: claims that nobody owns are attached to the new account, others move to it. */
function createAccount(facts: LinkFacts, rule: LinkRule): LinkPlan {
  const attach = facts.claims.filter(claim => !ownerOf(facts, claim))
  const move = facts.claims.filter(claim => ownerOf(facts, claim))
  return { kind: 'proceed', rule, outcome: 'created', accountId: 'new', merge: [], attach, move, release: [] }
}

/** R1 and R1a: signs in to `target`, which gets every claim it does not have. */
function signIn(
  facts: LinkFacts,
  policy: LinkPolicy,
  target: AccountFacts,
  rule: LinkRule,
  merged: readonly AccountFacts[] = [],
): LinkDecision {
  const together = [target, ...merged]
  const missing = facts.claims.filter(claim => !together.some(account => has(account, claim)))
  // Stored under its names of two times, an identity may be of two accounts at once.
  const others = facts.owners.filter(owner => !together.includes(owner))
  const contested = facts.claims.filter(claim => !missing.includes(claim) && others.some(owner => has(owner, claim)))
  const newPhone = missing.find(isPhone)
  const release = newPhone ? together.flatMap(account => account.identities.filter(isPhone)) : []
  if (release.length > 0 && policy.phoneChange === 'reject') {
    return { kind: 'refuse', rule: 'R1a', code: 'PHONE_ALREADY_BOUND' }
  }
  return {
    kind: 'proceed',
    rule: rule === 'R1' && release.length > 0 ? 'R1a' : rule,
    outcome: merged.length > 0 ? 'merged' : missing.length > 0 ? 'linked' : 'existing',
    accountId: target.id,
    merge: merged.map(account => account.id),
    attach: missing.filter(claim => !ownerOf(facts, claim)),
    move: [...missing.filter(claim => ownerOf(facts, claim)), ...contested],
    release,
  }
}

/** A choice links by its nature, also where nothing had to move. */
function asChosen(decision: LinkDecision): LinkDecision {
  return decision.kind === 'proceed' ? { ...decision, outcome: 'linked' as const } : decision
}

/** R1b applies to an account found only by its phone that has a different openid in the app of the request. */
function isSecondWechat(facts: LinkFacts, owner: AccountFacts): boolean {
  if (facts.signedInId !== undefined) return false
  const foundOnlyByPhone = facts.claims.every(claim => isPhone(claim) === has(owner, claim))
  const openid = facts.claims.find(claim => claim.kind === 'openid')
  return foundOnlyByPhone && openid !== undefined && owner.identities.some(own => isOfOneSlot(own, openid))
}

function decideSecondWechat(facts: LinkFacts, policy: LinkPolicy, owner: AccountFacts): LinkDecision {
  if (facts.choice === 'new_account') return createAccount(facts, 'R1b')
  if (facts.choice === 'use_phone_account') return asChosen(signIn(facts, policy, owner, 'R1b'))
  if (mayBeRecycled(facts, policy, owner)) {
    return { kind: 'conflict', rule: 'R1b', code: 'PHONE_MAY_BE_RECYCLED', choices: ['new_account'] }
  }
  if (policy.secondWechat === 'ask') {
    return { kind: 'conflict', rule: 'R1b', code: 'ACCOUNT_CONFLICT', choices: ['use_phone_account', 'new_account'] }
  }
  return signIn(facts, policy, owner, 'R1b')
}

function mayBeRecycled(facts: LinkFacts, policy: LinkPolicy, owner: AccountFacts): boolean {
  const { phoneRecycleDays } = policy
  if (phoneRecycleDays === 'never') return false
  if (phoneRecycleDays === 0) return true
  return facts.now.getTime() - owner.lastSeenAt.getTime() > phoneRecycleDays * dayMs
}

/** R2a and R2b: several accounts own the claims. */
function decideBetween(facts: LinkFacts, policy: LinkPolicy): LinkDecision {
  const phoneOwner = ownerByKind(facts, 'phone')
  const areSeparated = (facts.separated ?? []).length > 0
  if (policy.merge === 'auto' && !areSeparated && areComplementary(facts.owners)) {
    const survivor = (policy.mergeSurvivor === 'phone' && phoneOwner) || oldest(facts.owners)
    const losers = facts.owners.filter(owner => owner !== survivor)
    return signIn(facts, policy, survivor, 'R2a', losers)
  }
  const wechatOwner = findWechatOwner(facts, phoneOwner)
  const targets = new Map<ConflictChoice, AccountFacts>()
  if (phoneOwner) targets.set('use_phone_account', phoneOwner)
  // Without a phone in the request, or where it must not replace another, only one of the two can be carried out.
  if (wechatOwner && signIn(facts, policy, wechatOwner, 'R2b').kind === 'proceed') {
    targets.set('use_wechat_account', wechatOwner)
  }
  if (targets.size === 0) return { kind: 'refuse', rule: 'R2b', code: 'PHONE_ALREADY_BOUND' }
  const chosen = facts.choice && targets.get(facts.choice)
  if (chosen) return asChosen(signIn(facts, policy, chosen, 'R2b'))
  return { kind: 'conflict', rule: 'R2b', code: 'ACCOUNT_CONFLICT', choices: [...targets.keys()] }
}

/** The account that WeChat proves: of the openid, else of the unionid; where the phone has the same owner, the other one. */
function findWechatOwner(facts: LinkFacts, phoneOwner: AccountFacts | undefined): AccountFacts | undefined {
  const found =
    facts.owners.find(owner => owner.id === facts.signedInId) ??
    ownerByKind(facts, 'openid') ??
    ownerByKind(facts, 'unionid')
  return found === phoneOwner ? facts.owners.find(owner => owner !== phoneOwner) : found
}

/** Whether the accounts together have at most one phone, one openid an app and one unionid a platform. */
function areComplementary(accounts: readonly AccountFacts[]): boolean {
  const identities = accounts.flatMap(account => account.identities)
  // One identity of two accounts is stored under its names of two times: it takes one slot.
  const distinct = identities.filter(
    (identity, i) => identities.findIndex(other => isSameIdentity(other, identity)) === i,
  )
  return new Set(distinct.map(({ kind, scope }) => `${kind} ${scope}`)).size === distinct.length
}

/** The account created first; ids are UUIDv7, so they order accounts of one millisecond. */
function oldest(accounts: readonly AccountFacts[]): AccountFacts {
  return accounts.reduce((a, b) => {
    const age = a.createdAt.getTime() - b.createdAt.getTime()
    return age < 0 || (age === 0 && a.id < b.id) ? a : b
  })
}

function ownerOf(facts: LinkFacts, claim: Claim): AccountFacts | undefined {
  return facts.owners.find(owner => has(owner, claim))
}

function ownerByKind(facts: LinkFacts, kind: Identity['kind']): AccountFacts | undefined {
  const claim = facts.claims.find(candidate => candidate.kind === kind && ownerOf(facts, candidate))
  return claim && ownerOf(facts, claim)
}

function has(account: AccountFacts, identity: Identity): boolean {
  return account.identities.some(own => isSameIdentity(own, identity))
}

function isPhone(identity: Identity): boolean {
  return identity.kind === 'phone'
}

function isOfOneSlot(a: Identity, b: Identity): boolean {
  return a.kind === b.kind && a.scope === b.scope
}
