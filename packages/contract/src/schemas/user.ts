import { type Static, Type } from 'typebox'
import { Instant } from './common.js'

const nullableString = (description: string) => Type.Union([Type.String(), Type.Null()], { description })

export const User = Type.Object({
  id: Type.String({ description: 'UUIDv7; stays the same for the life of the account' }),
  nickname: Type.String(),
  avatar: Type.String({ description: 'A URL, or a path below where this API is mounted' }),
  phone: nullableString(
    'Masked: of the number without country code the first 3 and last 2 digits (2 and 2 when it has fewer than 10)',
  ),
  phoneBound: Type.Boolean(),
  createdAt: Instant,
})

export const UserAnswer = Type.Object({ user: User })

export const UpdateUserRequest = Type.Object(
  {
    nickname: Type.Optional(
      Type.String({ minLength: 1, maxLength: 32, description: '1 to 32 characters, none of them a control character' }),
    ),
    avatar: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 512,
        pattern: '^(https://|/(?!/))[^\\s\\\\\\u0000-\\u001f\\u007f]+$',
        description: 'An https URL, or a path below where this API is mounted',
      }),
    ),
  },
  { minProperties: 1 },
)

/** The largest file that is taken for an avatar: 2 MB. */
export const maxAvatarBytes = 2 * 1024 * 1024

/** The form of an upload, as `wx.uploadFile` sends it. */
export const AvatarUpload = Type.Object({
  avatar: Type.String({
    format: 'binary',
    description: 'A JPEG, PNG, WebP or GIF file of at most 2 MB, told by its content; whatever the field is called',
  }),
})

export type User = Static<typeof User>
export type UserAnswer = Static<typeof UserAnswer>
export type UpdateUserRequest = Static<typeof UpdateUserRequest>
