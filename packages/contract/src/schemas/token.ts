import { type Static, Type } from 'typebox'

/** The fields of a token pair, as login and refresh both answer them. */
export const tokenPairFields = {
  accessToken: Type.String({ description: 'JWT (RFC 9068), for the Authorization header' }),
  refreshToken: Type.String({ description: 'For POST /token/refresh' }),
  tokenType: Type.Literal('Bearer'),
  expiresIn: Type.Integer({ description: 'Seconds until the access token ends' }),
  refreshExpiresIn: Type.Integer({ description: 'Seconds until the refresh token ends, if it is not used' }),
}

export const TokenPair = Type.Object(tokenPairFields)

export const RefreshRequest = Type.Object({ refreshToken: Type.String({ minLength: 1, maxLength: 512 }) })

export const LogoutRequest = Type.Object({
  everywhere: Type.Optional(Type.Boolean({ description: 'End every session of the account, not just this one' })),
})

export type TokenPair = Static<typeof TokenPair>
export type RefreshRequest = Static<typeof RefreshRequest>
export type LogoutRequest = Static<typeof LogoutRequest>
