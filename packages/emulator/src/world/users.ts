import { createHash } from 'node:crypto'
import { EmulatorError } from '../emulator-error.js'
import type { Apps } from './apps.js'
import { changePhones, type Phone, type Phones, toE164 } from './phone.js'
import type { Clock, EmulatedApp, RandomBytes, User, UserChange, UserInput } from './types.js'

/** A virtual WeChat account, from inside. */
export interface Person extends Phones {
  readonly id: string
  name: string | null
  /** The number that the button gives. */
  phone: Phone | null
  phones: readonly Phone[]
  isBlocked: boolean
  riskRank: number
  needsSms: boolean
  isPhoneBlocked: boolean
  /** What openids and unionids are made from. */
  readonly seed: string
  readonly openids: Map<string, string>
  readonly unionids: Map<string, string>
  /** When it last opened an app, by appid. */
  readonly visits: Map<string, Date>
}

/** Virtual WeChat accounts, each with an openid per app and a unionid per Open Platform account. */
export function createUsers({ apps, random, clock }: { apps: Apps; random: RandomBytes; clock: Clock }) {
  const people = new Map<string, Person>()
  // Of several people with one openid (a WeChat that changed its phone) the newest.
  const byOpenid = new Map<string, Person>()

  function openidOf(person: Person, appid: string): string {
    const known = person.openids.get(appid)
    if (known !== undefined) return known
    const openid = `o${identifier(`openid ${person.seed} ${appid}`).slice(1)}`
    person.openids.set(appid, openid)
    byOpenid.set(openid, person)
    return openid
  }

  function unionidOf(person: Person, { openPlatform }: EmulatedApp): string | undefined {
    if (openPlatform === undefined) return undefined
    const known = person.unionids.get(openPlatform)
    if (known !== undefined) return known
    const unionid = identifier(`unionid ${person.seed} ${openPlatform}`)
    person.unionids.set(openPlatform, unionid)
    return unionid
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
      phones: person.phones.map(toE164),
      blocked: person.isBlocked,
      riskRank: person.riskRank,
      openid: openidOf(person, app.appid),
      unionid: unionidOf(person, app) ?? null,
      openids: Object.fromEntries(apps.all().map(({ appid }) => [appid, openidOf(person, appid)])),
    }
  }

  function apply(person: Person, change: UserChange): void {
    const { name, blocked, riskRank, needsSms, phoneBlocked } = change
    // First what may be refused.
    Object.assign(person, changePhones(person, change))
    if (name !== undefined) person.name = name
    if (blocked !== undefined) person.isBlocked = blocked
    if (riskRank !== undefined) person.riskRank = riskRank
    if (needsSms !== undefined) person.needsSms = needsSms
    if (phoneBlocked !== undefined) person.isPhoneBlocked = phoneBlocked
  }

  return {
    openidOf,
    unionidOf,
    /** The same of a plugin's user: per app too, and another one. */
    openpidOf: (person: Person, appid: string) => identifier(`openpid ${person.seed} ${appid}`),
    get,
    view,
    all: () => [...people.values()],
    count: () => people.size,
    first(count: number): Person[] {
      const first: Person[] = []
      for (const person of people.values()) {
        if (first.length === count) break
        first.push(person)
      }
      return first
    },
    clear(): void {
      people.clear()
      byOpenid.clear()
    },

    /** Who has this openid in this app; undefined when nobody does. */
    findByOpenid(appid: string, openid: string): Person | undefined {
      const person = byOpenid.get(openid)
      return person && openidOf(person, appid) === openid ? person : undefined
    },

    /** Whether the openid is somebody's in any app. */
    knowsOpenid: (openid: string) => byOpenid.has(openid),

    visit: (person: Person, appid: string) => void person.visits.set(appid, clock()),

    /** Several users may have one phone (a person with two WeChats), and one openid (a WeChat that changed its phone). */
    create(input: UserInput): User {
      const { id = random(8).toString('hex'), appid, openid, unionid } = input
      if (people.has(id)) throw new EmulatorError('BAD_REQUEST', 'there is a user with this id already')
      const app = apps.get(appid)
      const person: Person = {
        ...{ id, name: null, phone: null, phones: [], isBlocked: false, riskRank: 0, needsSms: false },
        isPhoneBlocked: false,
        seed: input.id ?? random(16).toString('hex'),
        openids: new Map(openid === undefined ? [] : [[app.appid, openid]]),
        unionids: new Map(unionid === undefined || app.openPlatform === undefined ? [] : [[app.openPlatform, unionid]]),
        visits: new Map(),
      }
      apply(person, input)
      people.set(id, person)
      if (openid !== undefined) byOpenid.set(openid, person)
      return view(person, appid)
    },

    change(id: string, change: UserChange): User {
      const person = get(id)
      apply(person, change)
      return view(person)
    },
  }
}

export type Users = ReturnType<typeof createUsers>

/** 28 characters of `[A-Za-z0-9_-]`, always the same for one text. */
function identifier(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 28)
}
