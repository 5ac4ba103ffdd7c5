import type { ExpressionBuilder } from 'kysely'
import type { IdentityKind, Schema } from '../store/schema.js'

/** What proves that a person is an account: (kind, scope, subject) has one owner at most. */
export interface Identity {
  readonly kind: IdentityKind
  /** openid: the appid; unionid: the Open Platform id; phone: empty. */
  readonly scope: string
  /** Of a phone, its keyed hash. */
  readonly subject: string
}

/** An identity proven in this request. */
export interface Claim extends Identity {
  /** Of a phone, its encrypted number, stored when the claim is attached. */
  readonly sealed?: string
  /**
   * What the same proof was stored as before the platform of its app was renamed or the secret replaced. Found under
   * one of them, it is relabelled.
   */
  readonly aliases?: readonly Identity[]
}

/** Tells an identity apart from all others, in memory. */
export function identityKey({ kind, scope, subject }: Identity): string {
  return `${kind} ${scope} ${subject}`
}

/** Whether two identities are the same one. */
export function isSameIdentity(a: Identity, b: Identity): boolean {
  return a.kind === b.kind && a.scope === b.scope && a.subject === b.subject
}

/** The identity without what a row or a claim adds to it. */
export function toIdentity({ kind, scope, subject }: Identity): Identity {
  return { kind, scope, subject }
}

/** The condition that a row is this identity. */
export function isIdentity({ kind, scope, subject }: Identity) {
  return (eb: ExpressionBuilder<Schema, 'identities'>) => eb.and({ kind, scope, subject })
}
