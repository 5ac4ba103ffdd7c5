import { type Static, Type } from 'typebox'

/** What a user may choose when phone and WeChat point to different accounts. */
export const conflictChoices = ['use_phone_account', 'use_wechat_account', 'new_account'] as const

export const ConflictChoice = Type.Enum([...conflictChoices], {
  description:
    'use_phone_account: the WeChat identity moves to the account of the phone · use_wechat_account: the phone moves to the account of the WeChat identity · new_account: the phone moves to a new account',
})

export const ResolveConflictRequest = Type.Object({
  ticket: Type.String({ minLength: 1, maxLength: 4096, description: 'From the 409 answer' }),
  choice: ConflictChoice,
})

export type ConflictChoice = (typeof conflictChoices)[number]
export type ResolveConflictRequest = Static<typeof ResolveConflictRequest>
