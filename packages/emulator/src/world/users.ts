import { createHash } from 'node:crypto'
import { EmulatorError } from '../emulator-error.js'
import type { Apps } from './apps.js'
import { type Phone, parsePhone, toE164 } from './phone.js'
import type { EmulatedApp, RandomBytes, User, UserInput } from './types.js'

interface Person {
  readonly id: string
  readonly name: string | null
  readonly phone: Phone | null
  /** What openids and unionids are made from. */
  readonly seed: string
  readonly openids: Map<string, string>
  readonly unionids: Map<string, string>
}

/** Virtual WeChat accounts, each with an openid per app and a unionid per Open Platform account. */
export function createUsers({ apps, random }: { apps: Apps; random: RandomBytes }) {
  const people = new Map<string, Person>()

  function openidOf(person: Person, appid: string): string {
    return remember(person.openids, appid, () => `o${identifier(`openid ${person.seed} ${appid}`).slice(1)}`)
  }

  function unionidOf(person: Person, { openPlatform }: EmulatedApp): string | undefined {
    if (openPlatform === undefined) return undefined
    return remember(person.unionids, openPlatform, () => identifier(`unionid ${person.seed} ${openPlatform}`))
  }

  function get(id: string): Person {
    const person = people.get(id)
    if (!person) throw new EmulatorError('NOT_FOUND', 'there is no user with this id')
    return person
  }

  function view(person: Person, appid?: string): User {
    const app = apps.get(appid)
    return {
      id: person.id,
      name: person.name,
      phone: person.phone && toE164(person.phone),
      openid: openidOf(person, app.appid),
      unionid: unionidOf(person, app) ?? null,
      openids: Object.fromEntries(apps.all().map(({ appid }) => [appid, openidOf(person, appid)])),
    }
  }

  return {
    openidOf,
    unionidOf,
    get,
    view,
    all: () => [...people.values()],
    clear: () => people.clear(),

    /** Several users may have one phone (a person with two WeChats), and one openid (a WeChat that changed its phone). */
    create(input: UserInput): User {
      const { id = random(8).toString('hex'), name = null, appid, phone, countryCode, openid, unionid } = input
      if (people.has(id)) throw new EmulatorError('BAD_REQUEST', 'there is a user with this id already')
      const app = apps.get(appid)
      const person: Person = {
        id,
        name,
        phone: phone === undefined ? null : parsePhone(phone, countryCode),
        seed: input.id ?? random(16).toString('hex'),
        openids: new Map(openid === undefined ? [] : [[app.appid, openid]]),
        unionids: new Map(unionid === undefined || app.openPlatform === undefined ? [] : [[app.openPlatform, unionid]]),
      }
      people.set(id, person)
      return view(person, appid)
    },
  }
}

export type Users = ReturnType<typeof createUsers>
export type { Person }

/** 28 characters of `[A-Za-z0-9_-]`, always the same for one text. */
function identifier(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 28)
}

function remember(map: Map<string, string>, key: string, make: () => string): string {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}
