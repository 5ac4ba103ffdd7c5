import { type Static, type TSchema, Type } from 'typebox'
import { errorCodes } from '../errors.js'
import { ConflictChoice } from './conflict.js'

/** The success envelope around `data`. */
export function Success<T extends TSchema>(data: T) {
  return Type.Object({
    code: Type.Literal('OK'),
    msg: Type.String({ description: 'A text to show, in the language asked for' }),
    data,
  })
}

/** One thing that is wrong with a request. */
export const ErrorDetail = Type.Object({
  path: Type.String({ description: 'JSON pointer into the body, such as /code; empty for the body itself' }),
  message: Type.String({ description: 'What was expected there, in English' }),
})

/** The failure envelope, for every status from 400 up. */
export const Failure = Type.Object(
  {
    code: Type.Enum([...errorCodes], { description: 'Stable; see docs/errors.md' }),
    msg: Type.String({ description: 'A text to show, in the language asked for' }),
    requestId: Type.String({ description: 'Under this id the log tells the detail' }),
    details: Type.Optional(Type.Array(ErrorDetail, { description: 'With BAD_REQUEST' })),
    ticket: Type.Optional(
      Type.String({ description: 'With a conflict: for POST /conflicts/resolve, valid for 5 minutes' }),
    ),
    choices: Type.Optional(Type.Array(ConflictChoice, { description: 'With a conflict: what the user may choose' })),
  },
  { $id: 'Failure' },
)

export type ErrorDetail = Static<typeof ErrorDetail>
export type Failure = Static<typeof Failure>
/** The success envelope as a type. */
export interface Success<T> {
  code: 'OK'
  msg: string
  data: T
}
