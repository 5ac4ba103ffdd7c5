/** A small model of the design's table of linking rules, written from the design alone. */

/** An account of the model; `key` is the id that the service gave it. */
export interface ModelAccount {
  readonly key: string
  readonly order: number
  lastSeen: number
  /** `openid app …`, `unionid platform …`, `phone …` */
  identities: Set<string>
}

interface ModelMerge {
  readonly survivor: ModelAccount
  readonly loser: ModelAccount
  readonly moved: readonly { readonly identity: string; readonly proof: number | undefined }[]
  readonly sessions: readonly ModelSession[]
  isUndone: boolean
  isErased: boolean
}

export interface ModelSession {
  account: ModelAccount
  isLive: boolean
  readonly app: string
}

export type Choice = 'use_phone_account' | 'use_wechat_account' | 'new_account'

/** What the model expects of a request. */
export type Expected =
  | { readonly kind: 'signed-in'; readonly outcome: string; readonly account: ModelAccount | 'new' }
  | { readonly kind: 'conflict'; readonly code: string; readonly choices: readonly Choice[] }

/** Who proves what. */
export interface ModelRequest {
  readonly claims: readonly string[]
  readonly now: number
  readonly signedIn?: ModelAccount | undefined
  readonly choice?: Choice | undefined
}

const dayMs = 86_400_000
const slotOf = (identity: string) => identity.slice(0, identity.lastIndexOf(' '))
const isPhone = (identity: string) => identity.startsWith('phone ')

export class LinkModel {
  readonly accounts: ModelAccount[] = []
  readonly sessions: ModelSession[] = []
  readonly merges: ModelMerge[] = []
  #order = 0
  /** Each time that an identity is attached counts: given up and proven again, it is not what it was. */
  readonly #proofs = new Map<string, number>()
  #proof = 0

  owner(identity: string): ModelAccount | undefined {
    return this.accounts.find(account => account.identities.has(identity))
  }

  /** What the service should answer. Nothing changes yet: a new account's key is known only then. */
  expect({ claims, now, signedIn, choice }: ModelRequest): Expected {
    const owners = this.#ownersOf(claims, signedIn)
    const [only] = owners
    const into = (account: ModelAccount | 'new', outcome: string): Expected => ({ kind: 'signed-in', outcome, account })
    if (!only) return into('new', 'created')
    const phoneOwner = this.#ownerOfKind(claims, 'phone')
    if (owners.length === 1) {
      const byPhoneAlone = !signedIn && claims.every(claim => isPhone(claim) === only.identities.has(claim))
      const openid = claims.find(claim => claim.startsWith('openid '))
      const hasOther = openid !== undefined && [...only.identities].some(own => slotOf(own) === slotOf(openid))
      if (byPhoneAlone && hasOther) {
        if (choice === 'new_account') return into('new', 'created')
        if (now - only.lastSeen > 90 * dayMs)
          return { kind: 'conflict', code: 'PHONE_MAY_BE_RECYCLED', choices: ['new_account'] }
      }
      return into(only, claims.every(claim => only.identities.has(claim)) ? 'existing' : 'linked')
    }
    if (this.#areComplementary(owners) && !this.#areSeparated(owners)) return into(oldest(owners), 'merged')
    const found = signedIn ?? this.#ownerOfKind(claims, 'openid') ?? this.#ownerOfKind(claims, 'unionid')
    const wechatOwner = found === phoneOwner ? owners.find(owner => owner !== phoneOwner) : found
    if (choice === 'use_phone_account' && phoneOwner) return into(phoneOwner, 'linked')
    if (choice === 'use_wechat_account' && wechatOwner) return into(wechatOwner, 'linked')
    const choices: Choice[] = [
      ...(phoneOwner ? (['use_phone_account'] as const) : []),
      ...(wechatOwner ? (['use_wechat_account'] as const) : []),
    ]
    return { kind: 'conflict', code: 'ACCOUNT_CONFLICT', choices }
  }

  /** Carries out what was expected, with the id that the service answered. */
  apply(
    { claims, now, signedIn }: ModelRequest,
    expected: Expected & { kind: 'signed-in' },
    key: string,
  ): ModelAccount {
    const owners = this.#ownersOf(claims, signedIn)
    const target = expected.account === 'new' ? this.#create(key, now) : expected.account
    if (expected.outcome === 'merged') for (const loser of owners) if (loser !== target) this.#merge(target, loser)
    const phone = claims.find(isPhone)
    if (phone !== undefined && !target.identities.has(phone)) {
      for (const identity of target.identities) if (isPhone(identity)) target.identities.delete(identity)
    }
    for (const claim of claims) {
      const owner = this.owner(claim)
      if (owner) owner.identities.delete(claim)
      else this.#proofs.set(claim, ++this.#proof)
      target.identities.add(claim)
    }
    target.lastSeen = now
    return target
  }

  begin(account: ModelAccount, app: string): ModelSession {
    const session = { account, app, isLive: true }
    this.sessions.push(session)
    return session
  }

  remove(account: ModelAccount): void {
    account.identities.clear()
    this.accounts.splice(this.accounts.indexOf(account), 1)
    for (const session of this.sessions) if (session.account === account) session.isLive = false
    for (const merge of this.merges) if (merge.survivor === account || merge.loser === account) merge.isErased = true
  }

  /** Undoes a merge if that is possible; says whether it was. */
  undo(merge: ModelMerge): boolean {
    const { survivor, loser, moved } = merge
    if (merge.isUndone || merge.isErased || !this.accounts.includes(survivor)) return false
    const isThere = moved.every(
      ({ identity, proof }) => survivor.identities.has(identity) && this.#proofs.get(identity) === proof,
    )
    if (!isThere) return false
    for (const session of this.sessions) {
      if (session.account === survivor && this.#beganAfter(session, merge)) session.isLive = false
    }
    for (const { identity } of moved) survivor.identities.delete(identity)
    loser.identities = new Set(moved.map(({ identity }) => identity))
    this.accounts.push(loser)
    for (const session of merge.sessions) if (session.account === survivor) session.account = loser
    merge.isUndone = true
    return true
  }

  readonly #sessionsAtMerge = new Map<ModelMerge, number>()

  #beganAfter(session: ModelSession, merge: ModelMerge): boolean {
    return this.sessions.indexOf(session) >= (this.#sessionsAtMerge.get(merge) ?? 0)
  }

  #create(key: string, now: number): ModelAccount {
    const account = { key, order: this.#order++, lastSeen: now, identities: new Set<string>() }
    this.accounts.push(account)
    return account
  }

  #merge(survivor: ModelAccount, loser: ModelAccount): void {
    const sessions = this.sessions.filter(session => session.account === loser)
    const moved = [...loser.identities].map(identity => ({ identity, proof: this.#proofs.get(identity) }))
    const merge = { survivor, loser, moved, sessions, isUndone: false, isErased: false }
    this.#sessionsAtMerge.set(merge, this.sessions.length)
    this.merges.push(merge)
    for (const session of sessions) session.account = survivor
    for (const identity of loser.identities) survivor.identities.add(identity)
    loser.identities = new Set()
    this.accounts.splice(this.accounts.indexOf(loser), 1)
  }

  #ownersOf(claims: readonly string[], signedIn?: ModelAccount): ModelAccount[] {
    const owners = new Set<ModelAccount>(signedIn ? [signedIn] : [])
    for (const claim of claims) {
      const owner = this.owner(claim)
      if (owner) owners.add(owner)
    }
    return [...owners]
  }

  #ownerOfKind(claims: readonly string[], kind: string): ModelAccount | undefined {
    const claim = claims.find(candidate => candidate.startsWith(`${kind} `))
    return claim === undefined ? undefined : this.owner(claim)
  }

  #areComplementary(owners: readonly ModelAccount[]): boolean {
    const slots = owners.flatMap(owner => [...owner.identities].map(slotOf))
    return new Set(slots).size === slots.length
  }

  #areSeparated(owners: readonly ModelAccount[]): boolean {
    return this.merges.some(merge => merge.isUndone && owners.includes(merge.survivor) && owners.includes(merge.loser))
  }
}

function oldest(accounts: readonly ModelAccount[]): ModelAccount {
  return accounts.reduce((a, b) => (a.order < b.order ? a : b))
}
