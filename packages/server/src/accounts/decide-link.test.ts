import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dayMs } from '../clock.js'
import { type AccountFacts, decideLink, type LinkFacts, type LinkPlan } from './decide-link.js'
import { type Claim, type Identity, isSameIdentity } from './identity.js'
import type { LinkPolicy } from './link-policy.js'

const now = new Date('2026-06-01T00:00:00Z')
const byDefault: LinkPolicy = {
  merge: 'auto',
  mergeSurvivor: 'older',
  phoneChange: 'replace',
  secondWechat: 'attach',
  phoneRecycleDays: 90,
}

const openid = (subject: string, scope = 'app'): Claim => ({ kind: 'openid', scope, subject })
const unionid = (subject: string): Claim => ({ kind: 'unionid', scope: 'platform', subject })
const phone = (subject: string): Claim => ({ kind: 'phone', scope: '', subject, sealed: `sealed ${subject}` })

function account(id: string, identities: Identity[], more: Partial<AccountFacts> = {}): AccountFacts {
  return { id, status: 'active', createdAt: new Date(0), lastSeenAt: now, identities, ...more }
}
function decide(facts: Partial<LinkFacts>, policy: Partial<LinkPolicy> = {}) {
  return decideLink({ claims: [], owners: [], now, ...facts }, { ...byDefault, ...policy })
}
function proceed(plan: Partial<LinkPlan>) {
  return expect.objectContaining({ kind: 'proceed', merge: [], attach: [], move: [], release: [], ...plan })
}

describe('decideLink', () => {
  it('R0: creates one account with all claims when nobody owns any', () => {
    const claims = [openid('a'), unionid('u'), phone('1')]
    expect(decide({ claims })).toEqual(proceed({ rule: 'R0', outcome: 'created', accountId: 'new', attach: claims }))
  })

  it('R2b: refuses where no choice could be carried out', () => {
    const owners = [account('A', [openid('a'), phone('1')]), account('B', [unionid('u'), phone('2')])]
    const claims = [openid('a'), unionid('u'), phone('3')]
    expect(decide({ claims, owners }, { phoneChange: 'reject' })).toEqual({
      kind: 'refuse',
      rule: 'R2b',
      code: 'PHONE_ALREADY_BOUND',
    })
  })

  it('R2b: what two accounts hold under its names of two times moves to the chosen one', () => {
    const owners = [account('A', [unionid('u'), phone('1')]), account('B', [unionid('u'), phone('2')])]
    const claims = [unionid('u'), phone('1')]
    expect(decide({ claims, owners, choice: 'use_phone_account' })).toEqual(
      proceed({ rule: 'R2b', outcome: 'linked', accountId: 'A', move: [unionid('u')] }),
    )
  })

  it('R1: signs in to the one owner', () => {
    const owners = [account('A', [openid('a')])]
    expect(decide({ claims: [openid('a')], owners })).toEqual(
      proceed({ rule: 'R1', outcome: 'existing', accountId: 'A' }),
    )
  })

  it('R1: attaches what nobody owns: a phone, a unionid that appears late', () => {
    const owners = [account('A', [openid('a')])]
    expect(decide({ claims: [openid('a'), unionid('u'), phone('1')], owners })).toEqual(
      proceed({ rule: 'R1', outcome: 'linked', accountId: 'A', attach: [unionid('u'), phone('1')] }),
    )
  })

  it('R1: attaches an openid to the account of the phone when it has none in this app', () => {
    const owners = [account('A', [phone('1'), openid('a', 'other app')])]
    expect(decide({ claims: [openid('a'), phone('1')], owners })).toEqual(
      proceed({ rule: 'R1', outcome: 'linked', accountId: 'A', attach: [openid('a')] }),
    )
  })

  it('R1a: the phone just proven replaces another one', () => {
    const owners = [account('A', [openid('a'), phone('1')])]
    expect(decide({ claims: [openid('a'), phone('2')], owners })).toEqual(
      proceed({
        rule: 'R1a',
        outcome: 'linked',
        accountId: 'A',
        attach: [phone('2')],
        release: [expect.objectContaining({ subject: '1' })],
      }),
    )
  })

  it('R1a: refuses another phone with PHONE_CHANGE=reject, and takes the same one', () => {
    const owners = [account('A', [openid('a'), phone('1')])]
    const policy = { phoneChange: 'reject' } as const
    expect(decide({ claims: [openid('a'), phone('2')], owners }, policy)).toEqual({
      kind: 'refuse',
      rule: 'R1a',
      code: 'PHONE_ALREADY_BOUND',
    })
    expect(decide({ claims: [openid('a'), phone('1')], owners }, policy)).toEqual(
      proceed({ outcome: 'existing', accountId: 'A' }),
    )
  })

  describe('R1b: a second WeChat proves the phone of an account', () => {
    const claims = [openid('b'), phone('1')]
    const seen = (daysAgo: number) => [
      account('A', [openid('a'), phone('1')], { lastSeenAt: new Date(now.getTime() - daysAgo * dayMs) }),
    ]
    const attached = proceed({ rule: 'R1b', outcome: 'linked', accountId: 'A', attach: [openid('b')] })
    const recycled = { kind: 'conflict', rule: 'R1b', code: 'PHONE_MAY_BE_RECYCLED', choices: ['new_account'] }

    it('is attached when the account was seen within PHONE_RECYCLE_DAYS', () => {
      expect(decide({ claims, owners: seen(0) })).toEqual(attached)
      expect(decide({ claims, owners: seen(90) })).toEqual(attached)
    })
    it('asks when it was not: the number may have a new holder', () => {
      expect(decide({ claims, owners: seen(90.01) })).toEqual(recycled)
    })
    it('always asks with 0 and never with never', () => {
      expect(decide({ claims, owners: seen(0) }, { phoneRecycleDays: 0 })).toEqual(recycled)
      expect(decide({ claims, owners: seen(9999) }, { phoneRecycleDays: 'never' })).toEqual(attached)
    })
    it('asks for a choice with SECOND_WECHAT=ask', () => {
      expect(decide({ claims, owners: seen(1) }, { secondWechat: 'ask' })).toEqual({
        kind: 'conflict',
        rule: 'R1b',
        code: 'ACCOUNT_CONFLICT',
        choices: ['use_phone_account', 'new_account'],
      })
    })
    it('carries out use_phone_account and new_account', () => {
      expect(decide({ claims, owners: seen(1), choice: 'use_phone_account' }, { secondWechat: 'ask' })).toEqual(
        attached,
      )
      expect(decide({ claims, owners: seen(200), choice: 'new_account' })).toEqual(
        proceed({ rule: 'R1b', outcome: 'created', accountId: 'new', attach: [openid('b')], move: [phone('1')] }),
      )
    })
    it('does not apply when the unionid finds the account too', () => {
      const owners = [account('A', [openid('a'), phone('1'), unionid('u')], { lastSeenAt: new Date(0) })]
      expect(decide({ claims: [openid('b'), unionid('u'), phone('1')], owners })).toEqual(
        proceed({ rule: 'R1', outcome: 'linked', accountId: 'A', attach: [openid('b')] }),
      )
    })
    it('does not apply to a phone alone', () => {
      expect(decide({ claims: [phone('1')], owners: seen(999) })).toEqual(
        proceed({ outcome: 'existing', accountId: 'A' }),
      )
    })
  })

  describe('R2a: several complementary accounts', () => {
    const older = account('A', [openid('a')], { createdAt: new Date(1) })
    const younger = account('B', [phone('1')], { createdAt: new Date(2) })
    const claims = [openid('a'), phone('1')]

    it('are merged into the older one', () => {
      expect(decide({ claims, owners: [younger, older] })).toEqual(
        proceed({ rule: 'R2a', outcome: 'merged', accountId: 'A', merge: ['B'] }),
      )
    })
    it('are merged into the one with the phone with MERGE_SURVIVOR=phone', () => {
      expect(decide({ claims, owners: [older, younger] }, { mergeSurvivor: 'phone' })).toEqual(
        proceed({ outcome: 'merged', accountId: 'B', merge: ['A'] }),
      )
    })
    it('are told apart by id when they are of one millisecond', () => {
      const twin = account('B', [phone('1')], { createdAt: new Date(1) })
      expect(decide({ claims, owners: [twin, older] })).toEqual(proceed({ accountId: 'A', merge: ['B'] }))
    })
    it('are three: openid, unionid and phone', () => {
      const third = account('C', [unionid('u')], { createdAt: new Date(3) })
      expect(decide({ claims: [...claims, unionid('u')], owners: [third, younger, older] })).toEqual(
        proceed({ outcome: 'merged', accountId: 'A', merge: ['C', 'B'] }),
      )
    })
    it('are left apart with MERGE=never: the user is asked', () => {
      expect(decide({ claims, owners: [older, younger] }, { merge: 'never' })).toEqual({
        kind: 'conflict',
        rule: 'R2b',
        code: 'ACCOUNT_CONFLICT',
        choices: ['use_phone_account', 'use_wechat_account'],
      })
    })
    it('replace the phone they have together by the one just proven', () => {
      const withPhone = account('C', [unionid('u'), phone('2')], { createdAt: new Date(3) })
      expect(decide({ claims: [openid('a'), unionid('u'), phone('9')], owners: [older, withPhone] })).toEqual(
        proceed({
          outcome: 'merged',
          accountId: 'A',
          merge: ['C'],
          attach: [phone('9')],
          release: [expect.objectContaining({ subject: '2' })],
        }),
      )
    })
  })

  describe('R2b: several overlapping accounts', () => {
    const wechat = account('A', [openid('a'), phone('1')])
    const byPhone = account('B', [openid('b'), phone('2')])
    const claims = [openid('a'), phone('2')]
    const owners = [wechat, byPhone]

    it('nothing changes, the user is asked', () => {
      expect(decide({ claims, owners })).toEqual({
        kind: 'conflict',
        rule: 'R2b',
        code: 'ACCOUNT_CONFLICT',
        choices: ['use_phone_account', 'use_wechat_account'],
      })
    })
    it('use_phone_account moves the openid there', () => {
      expect(decide({ claims, owners, choice: 'use_phone_account' })).toEqual(
        proceed({ rule: 'R2b', outcome: 'linked', accountId: 'B', move: [openid('a')] }),
      )
    })
    it('use_wechat_account moves the phone there and releases the one it had', () => {
      expect(decide({ claims, owners, choice: 'use_wechat_account' })).toEqual(
        proceed({
          outcome: 'linked',
          accountId: 'A',
          move: [phone('2')],
          release: [expect.objectContaining({ subject: '1' })],
        }),
      )
    })
    it('does not offer to replace a phone with PHONE_CHANGE=reject', () => {
      expect(decide({ claims, owners }, { phoneChange: 'reject' })).toMatchObject({
        kind: 'conflict',
        choices: ['use_phone_account'],
      })
      expect(decide({ claims, owners, choice: 'use_wechat_account' }, { phoneChange: 'reject' })).toMatchObject({
        kind: 'conflict',
      })
    })
    it('overlap in two phones, two openids of an app or two unionids of a platform', () => {
      expect(
        decide({
          claims: [openid('a'), unionid('u')],
          owners: [account('A', [openid('a'), unionid('v')]), account('B', [unionid('u')])],
        }),
      ).toMatchObject({ kind: 'conflict', choices: ['use_wechat_account'] })
    })
    it('the two choices name two accounts also where phone and openid have one owner', () => {
      const both = account('A', [openid('a'), phone('1'), unionid('v')])
      const other = account('B', [unionid('u')])
      const facts = { claims: [openid('a'), phone('1'), unionid('u')], owners: [both, other] }
      expect(decide({ ...facts, choice: 'use_phone_account' })).toEqual(
        proceed({ accountId: 'A', outcome: 'linked', move: [unionid('u')] }),
      )
      expect(decide({ ...facts, choice: 'use_wechat_account' })).toEqual(
        proceed({ accountId: 'B', outcome: 'linked', move: [openid('a'), phone('1')] }),
      )
    })
  })

  describe('binding a phone: the signed-in account stands for the owner of the openid', () => {
    it('attaches a free phone, and merges with its owner', () => {
      const me = account('A', [openid('a')], { createdAt: new Date(1) })
      expect(decide({ claims: [openid('a'), phone('1')], owners: [me], signedInId: 'A' })).toEqual(
        proceed({ outcome: 'linked', accountId: 'A', attach: [phone('1')] }),
      )
      const owner = account('B', [phone('1')], { createdAt: new Date(2) })
      expect(decide({ claims: [openid('a'), phone('1')], owners: [me, owner], signedInId: 'A' })).toEqual(
        proceed({ outcome: 'merged', accountId: 'A', merge: ['B'] }),
      )
    })
    it('replaces the phone of an account that has only a phone', () => {
      const me = account('A', [phone('1')])
      expect(decide({ claims: [phone('2')], owners: [me], signedInId: 'A' })).toEqual(
        proceed({
          rule: 'R1a',
          outcome: 'linked',
          accountId: 'A',
          attach: [phone('2')],
          release: [expect.objectContaining({ subject: '1' })],
        }),
      )
    })
    it('is linked by a choice also where nothing has to move', () => {
      const owners = [account('A', [phone('1')]), account('B', [phone('2')])]
      expect(decide({ claims: [phone('2')], owners, signedInId: 'A', choice: 'use_phone_account' })).toEqual(
        proceed({ outcome: 'linked', accountId: 'B' }),
      )
    })
  })

  it('refuses whatever a disabled account owns, before everything else', () => {
    const disabled = account('A', [openid('a')], { status: 'disabled' })
    const active = account('B', [phone('1')])
    for (const choice of [undefined, 'use_phone_account', 'new_account'] as const) {
      expect(
        decide({ claims: [openid('a'), phone('1')], owners: [disabled, active], ...(choice && { choice }) }),
      ).toEqual({ kind: 'refuse', code: 'ACCOUNT_DISABLED' })
    }
  })
})

describe('decideLink, over all small worlds', () => {
  const identity = fc.constantFrom<Identity>(
    openid('a'),
    openid('b'),
    openid('a', 'app 2'),
    unionid('u'),
    unionid('v'),
    phone('1'),
    phone('2'),
  )
  const world = fc.record({
    owned: fc.uniqueArray(fc.record({ identity, owner: fc.constantFrom('A', 'B', 'C') }), {
      selector: row => `${row.identity.kind} ${row.identity.scope} ${row.identity.subject}`,
      maxLength: 7,
    }),
    claims: fc.record({
      openid: fc.option(fc.constantFrom(openid('a'), openid('b'))),
      unionid: fc.option(fc.constantFrom(unionid('u'), unionid('v'))),
      phone: fc.option(fc.constantFrom(phone('1'), phone('2'))),
    }),
    choice: fc.option(fc.constantFrom('use_phone_account', 'use_wechat_account', 'new_account'), { nil: undefined }),
    policy: fc.record<LinkPolicy>({
      merge: fc.constantFrom<LinkPolicy['merge']>('auto', 'never'),
      mergeSurvivor: fc.constantFrom('older', 'phone'),
      phoneChange: fc.constantFrom('replace', 'reject'),
      secondWechat: fc.constantFrom('attach', 'ask'),
      phoneRecycleDays: fc.constantFrom<LinkPolicy['phoneRecycleDays']>(0, 90, 'never'),
    }),
  })

  it('every plan gives the account all claims, at most one phone, and takes nothing from others without a choice', () => {
    fc.assert(
      fc.property(world, ({ owned, claims: drawn, choice, policy }) => {
        // The database allows an account one phone.
        const phoneOwners = owned.filter(row => row.identity.kind === 'phone').map(row => row.owner)
        fc.pre(new Set(phoneOwners).size === phoneOwners.length)
        const claims = [drawn.openid, drawn.unionid, drawn.phone].filter(claim => claim !== null)
        const all = ['A', 'B', 'C'].map((id, i) =>
          account(
            id,
            owned.filter(row => row.owner === id).map(row => row.identity),
            { createdAt: new Date(i) },
          ),
        )
        const owners = all.filter(owner =>
          owner.identities.some(own => claims.some(claim => isSameIdentity(own, claim))),
        )
        const decision = decideLink({ claims, owners, now, ...(choice && { choice }) }, policy)
        if (decision.kind !== 'proceed') return
        const { accountId, merge, attach, move, release } = decision
        const together = owners.filter(owner => owner.id === accountId || merge.includes(owner.id))
        const result = [...together.flatMap(owner => owner.identities), ...attach, ...move].filter(
          own => !release.some(gone => isSameIdentity(gone, own)),
        )
        for (const claim of claims) expect(result.filter(own => isSameIdentity(own, claim))).toHaveLength(1)
        expect(result.filter(own => own.kind === 'phone').length).toBeLessThanOrEqual(1)
        if (choice === undefined) expect(move).toEqual([])
        if (policy.merge === 'never') expect(merge).toEqual([])
      }),
      { numRuns: 2000 },
    )
  })
})
