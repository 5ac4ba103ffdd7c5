import { EmulatorError } from '../emulator-error.js'
import type { Apps } from './apps.js'
import type { Billing, TapKind } from './billing.js'
import type { createPhoneCodes } from './codes.js'
import type { createEncryptedData } from './encrypted-data.js'
import { type Phone, parsePhone, toE164 } from './phone.js'
import type { SessionKeys } from './session-keys.js'
import type { EmulatedApp, PhoneTap, PhoneTapInput } from './types.js'
import type { Person, Users } from './users.js'

/** The parts of the world that a tap touches. */
interface TapParts {
  readonly apps: Apps
  readonly users: Users
  readonly billing: Billing
  readonly sessionKeys: SessionKeys
  readonly phoneCodes: ReturnType<typeof createPhoneCodes>
  readonly encryptedData: ReturnType<typeof createEncryptedData>
}

/** What a tap on the `getPhoneNumber` button does when the user allows it. */
export function tapQuick(parts: TapParts, userId: string, input: PhoneTapInput): PhoneTap {
  const { person, appid, phone, code } = tap(parts, 'quick', userId, input)
  const sessionKey = parts.sessionKeys.use(appid, parts.users.openidOf(person, appid))
  return { code, ...parts.encryptedData.encryptPhone(phone, appid, sessionKey) }
}

/** What a tap on the `getRealtimePhoneNumber` button does: never encrypted data (facts 3.2; confidence A). */
export function tapRealtime(parts: TapParts, userId: string, input: PhoneTapInput): { code: string } {
  const { code } = tap(parts, 'realtime', userId, input)
  return { code }
}

function tap(parts: TapParts, kind: TapKind, userId: string, input: PhoneTapInput) {
  const { users, billing, phoneCodes } = parts
  const person = users.get(userId)
  const app = parts.apps.get(input.appid)
  const { appid } = app
  const refusal = refuseApp(app, billing) ?? refusePerson(person) ?? (input.allow === false ? denied : undefined)
  if (refusal) throw refused(kind, refusal)
  const phone = chooseNumber(person, input.phone)
  billing.bill(appid, kind)
  users.visit(person, appid)
  return { person, appid, phone, code: phoneCodes.issue({ userId, appid, phone }) }
}

/** Why a button gives no code: for whoever watches, what follows `fail ` in errMsg, and the errno where there is one (facts 5.2). */
interface Refusal {
  readonly why: string
  readonly text: string
  readonly errno?: number
}

const denied: Refusal = { why: 'the user refused', text: 'user deny' }

function refuseApp(app: EmulatedApp, billing: Billing): Refusal | undefined {
  const { personal, verified = true, phoneDeclared = true, phoneBanned } = app
  if (personal) return { why: 'the app is of a person', text: 'no permission' }
  if (!verified) return { why: 'the app is not verified', text: 'no permission' }
  if (phoneBanned) return { why: 'the ability was recalled', text: 'appid privacy api banned', errno: 1025 }
  if (!phoneDeclared)
    return {
      why: 'the privacy guide does not name phone numbers',
      text: 'api scope is not declared in the privacy agreement',
      errno: 112,
    }
  if (!billing.hasQuota(app)) return { why: 'the quota is used up', text: 'quota exceeded', errno: 1400001 } // our text
  return undefined
}

function refusePerson({ phone, needsSms, isPhoneBlocked }: Person): Refusal | undefined {
  if (isPhoneBlocked) return { why: 'the button is blocked for this user', text: 'blocked', errno: 1421102 } // our text
  // What WeChat says to an account without a phone is not documented; a refusal without a code is our choice.
  if (!phone) return { why: 'the user has no phone', text: 'no phone number bound' }
  if (needsSms)
    return { why: 'the number has to be verified', text: 'Error: the phone number needs to be verified by SMS first' }
  return undefined
}

function chooseNumber(person: Person, asked: string | undefined): Phone {
  const wanted = asked === undefined ? person.phone : parsePhone(asked)
  const phone = person.phones.find(known => wanted && toE164(known) === toE164(wanted))
  if (!phone) throw new EmulatorError('BAD_REQUEST', 'phone: expected one of the numbers of this user')
  return phone
}

function refused(kind: TapKind, { why, text, errno }: Refusal): EmulatorError {
  const button = kind === 'quick' ? 'getPhoneNumber' : 'getRealtimePhoneNumber'
  return new EmulatorError('PHONE_REFUSED', why, {
    errMsg: `${button}:fail ${text}`,
    ...(errno !== undefined && { errno }),
  })
}
