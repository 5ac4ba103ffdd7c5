import type { WechatCall } from './timeline.js'

/** A virtual WeChat account. */
export interface Person {
  readonly id: string
  readonly name: string | null
  readonly phone: string | null
}

/** Calls of WeChat's side, and what they cost. */
export interface Stats {
  readonly calls: Readonly<Record<string, Readonly<Record<string, number>>>>
  readonly phoneCallsBilled: number
  readonly yuan: number
}

let origin = ''
let lastCallId = 0

/** Says where the emulator is, and begins to listen from now on. */
export async function connectEmulator(url: string): Promise<void> {
  origin = url
  await callsSince()
}

/** Where it is. */
export const emulatorUrl = () => origin

async function ask(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${origin}/_emulator${path}`, {
    method,
    ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  })
  return { status: response.status, body: await response.json() }
}

/** Everybody with a WeChat. */
export async function listPeople(): Promise<Person[]> {
  return (await ask('GET', '/users')).body as Person[]
}

/** A new WeChat account; undefined when the phone is not a number. */
export async function createPerson(input: { name?: string; phone?: string }): Promise<Person | undefined> {
  const { status, body } = await ask('POST', '/users', input)
  return status === 200 ? (body as Person) : undefined
}

/** The calls that WeChat got since this was asked last; none when the emulator is out of reach. */
export async function callsSince(): Promise<WechatCall[]> {
  try {
    const calls = (await ask('GET', `/calls?after=${lastCallId}`)).body as WechatCall[]
    lastCallId = calls.at(-1)?.id ?? lastCallId
    return calls
  } catch {
    return []
  }
}

/** What it has cost so far. */
export async function readStats(): Promise<Stats> {
  return (await ask('GET', '/stats')).body as Stats
}
