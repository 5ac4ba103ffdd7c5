/** The settings of the linking decision (design: who is this person?). */
export interface LinkPolicy {
  /** `never` asks the user instead of merging two complementary accounts. */
  readonly merge: 'auto' | 'never'
  /** Which account survives a merge: the older one, or the one that holds the phone. */
  readonly mergeSurvivor: 'older' | 'phone'
  /** What happens to an account's phone when its person proves another one. */
  readonly phoneChange: 'replace' | 'reject'
  /** What happens when a second WeChat of one app proves an account's phone. */
  readonly secondWechat: 'attach' | 'ask'
  /** Days unseen after which a phone may have a new holder; 0 always asks, `never` never does. */
  readonly phoneRecycleDays: number | 'never'
}
