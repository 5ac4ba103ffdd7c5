import { Type } from 'typebox'

/** A text of a body: never empty, never huge. */
export const text = (maxLength: number) => Type.String({ minLength: 1, maxLength })
export const count = (minimum: number, maximum = 1_000_000_000) => Type.Integer({ minimum, maximum })

export const Appid = Type.Optional(text(64))
export const OfApp = Type.Object({ appid: Appid })
export const IdParams = Type.Object({ id: text(64) })
export const EndpointPath = Type.String({ pattern: '^/', maxLength: 200 })
