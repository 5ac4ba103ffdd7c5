import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createKeyring } from '@mplogin/server'
import { type Fleet, startFleet } from '../fleet.js'
import type { Running } from '../processes.js'
import { createSecretBook } from '../secret-book.js'
import { appA, appB, appC } from '../system.js'
import { startWechatRecorder } from '../wechat-recorder.js'

/** One request to one server. */
export interface Question {
  readonly token?: string | undefined
  /** An object is sent as JSON, a text as it is. */
  readonly body?: object | string
  readonly headers?: Record<string, string>
}

/** Fields of answers that are for their owner. */
const ownFields = { accessToken: 'access token', refreshToken: 'refresh token', ticket: 'conflict ticket' } as const
/** Where tokens are given, and a failure brings a ticket. */
const givingPaths = ['/login', '/loginByPhone', '/bindPhone', '/conflicts/resolve', '/token/refresh']

const hex = (bytes: number) => randomBytes(bytes).toString('hex')
const letters = (count: number) =>
  randomBytes(2 * count)
    .toString('base64')
    .replace(/\W/g, '')
    .slice(0, count)

/** Real processes, WeChat behind a recorder, and a book in which every secret of the run is written. */
export async function openStage() {
  const book = createSecretBook()
  const secrets: string[] = []
  const newSecret = () => {
    const made = book.note('MPLOGIN_SECRET', randomBytes(32).toString('base64'))
    secrets.push(made)
    return made
  }
  const secret = newSecret()
  const pushes = {
    pushToken: book.note('push token', letters(24)),
    encodingAesKey: book.note('EncodingAESKey', letters(43)),
  }
  const apps = [appA, appB, appC].map((app, i) => ({
    ...app,
    secret: book.note('AppSecret', hex(16)),
    ...(i === 0 && pushes),
  }))
  const fleet = await startFleet(0, {
    MPLOGIN_SECRET: secret,
    WECHAT_APPS: JSON.stringify(apps),
    ADMIN_TOKEN: book.note('ADMIN_TOKEN', hex(16)),
    LOG_LEVEL: 'trace',
  })
  for (const { appid, secret, openPlatform } of apps)
    fleet.emulator.addApp({ appid, secret, phoneQuota: 1_000_000, ...(openPlatform !== undefined && { openPlatform }) })
  const recorder = await startWechatRecorder(fleet.emulator.url, book)
  const processes: Running[] = []
  const printed: string[] = []
  const answers: string[] = []
  const codes = new Set<string>()

  /** Starts a server, and gives the way to ask it. */
  async function serve(env: Record<string, string> = {}) {
    const { process, api } = await fleet.serve({ WECHAT_API_BASE: recorder.url, LOG_LEVEL: 'trace', ...env })
    processes.push(process)

    async function ask<Data = Record<string, unknown>>(method: string, path: string, question: Question = {}) {
      const { token, body, headers } = question
      const answer = await api.request<Data>(method, path, {
        ...(token !== undefined && { token }),
        ...(body !== undefined && { body }),
        ...(headers && { headers }),
      })
      keep(path, answer)
      return answer
    }
    return { ask, process, api }
  }

  /** Keeps an answer without what is its owner's, and notes that. */
  function keep(path: string, answer: { status: number; headers: Headers; body: unknown }): void {
    const body = (typeof answer.body === 'object' ? { ...answer.body } : { text: answer.body }) as Record<
      string,
      unknown
    >
    if (typeof body.code === 'string') codes.add(body.code)
    if (givingPaths.includes(path.replace(/\?.*/, ''))) {
      const owned = { ...(body.data as object | undefined) } as Record<string, unknown>
      for (const [field, kind] of Object.entries(ownFields)) {
        for (const holder of [owned, body]) {
          if (typeof holder[field] !== 'string') continue
          // What stands before the last dot is no secret: the header of a token, a session, the name of a key.
          book.note(kind, holder[field].split('.').at(-1))
          holder[field] = 'for its owner'
        }
      }
      if (body.data !== undefined) body.data = owned
    }
    const headers: string[] = []
    answer.headers.forEach((value, name) => void headers.push(`${name}: ${value}`))
    answers.push(JSON.stringify([answer.status, headers, body]))
  }

  /** A person whose every name and code is noted. */
  function person(phone?: string, more: Parameters<Fleet['person']>[1] = {}) {
    const { user, loginCode, phoneCode } = fleet.person(phone, more)
    book.note('phone', phone)
    for (const openid of Object.values(user.openids)) book.note('openid', openid)
    book.note('unionid', user.unionid ?? undefined)
    const appid = more.appid ?? appA.appid
    return {
      user,
      loginCode: () => book.note('login code', loginCode()),
      phoneCode: () => book.note('phone code', phoneCode()),
      encrypted() {
        const { encryptedData, iv } = fleet.emulator.phoneCode(user.id, { appid })
        return { encryptedData: book.note('encrypted phone', encryptedData), iv: book.note('encrypted phone', iv) }
      },
    }
  }

  /** Runs a command, and keeps what it printed. */
  async function run(args: readonly string[], env: Record<string, string> = {}) {
    const { code, output } = await fleet.runWith(env, ...args)
    printed.push(`$ mplogin ${args[0]}\n${output}`)
    return { code, output }
  }

  /** Notes the private signing keys that are in the database now. */
  async function noteSigningKeys(): Promise<void> {
    const keyring = createKeyring(secrets.map(text => Buffer.from(text, 'base64')))
    const rows = await fleet.database.db.selectFrom('signing_keys').select('private_sealed').execute()
    for (const { private_sealed } of rows) {
      const { d } = JSON.parse(keyring.unseal('signing-key', private_sealed) ?? '{}') as { d?: string }
      book.note('private signing key', d)
    }
  }

  return {
    book,
    fleet,
    apps,
    pushes,
    secret,
    newSecret,
    noteSigningKeys,
    serve,
    person,
    run,
    /** The error codes that were answered, and OK. */
    codes,
    /** Everything that the processes wrote so far. */
    logs: () => processes.map(process => process.output()).join('\n'),
    /** Everything that commands printed so far. */
    printed: () => printed.join('\n'),
    answers: () => answers.join('\n'),
    keepFile: (path: string) => printed.push(readFileSync(path, 'utf8')),
    async close(): Promise<void> {
      await fleet.close()
      await recorder.close()
    },
  }
}

export type Stage = Awaited<ReturnType<typeof openStage>>
export type Server = Awaited<ReturnType<Stage['serve']>>
export type Person = ReturnType<Stage['person']>
