import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import type { TSchema } from 'typebox'
import { Value } from 'typebox/value'
import type { StoragePlace } from '../avatars/storage.js'
import { DatabaseUrlError, parseDatabaseUrl } from '../store/database-url.js'
import { type AppSettings, parseApps } from './apps.js'
import { parseAvatarPlace } from './avatar-place.js'
import { ConfigError, type ConfigProblem } from './config-error.js'
import { developmentSecret } from './development-secret.js'
import { type SettingName, type Settings, settings } from './settings.js'
import { showValue } from './show-value.js'

/** Where a value came from. */
export type SettingSource = 'environment' | '.env' | 'default' | 'generated' | 'unset'

/** All settings, checked, with their sources. */
export interface Config {
  readonly values: Settings
  readonly sources: Readonly<Record<SettingName, SettingSource>>
  readonly apps: readonly AppSettings[]
  readonly avatarPlace: StoragePlace
  /** The secrets of MPLOGIN_SECRET, 32 bytes each. */
  readonly secrets: readonly Buffer[]
  readonly isProduction: boolean
}

/** Where settings are read from. */
export interface ConfigInput {
  /** `process.env` by default. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** The directory of `.env` and of `data`; the current one by default. */
  readonly directory?: string
}

const names = Object.keys(settings) as SettingName[]

/**
 * Reads the settings from the environment, else from `.env`, else takes their defaults.
 *
 * @throws ConfigError naming every wrong key, what was found and what was expected
 */
export function readConfig({ env = process.env, directory = process.cwd() }: ConfigInput = {}): Config {
  const file = readEnvFile(join(directory, '.env'))
  const isProduction = (env.NODE_ENV ?? file.NODE_ENV) === 'production'
  const values: Record<string, unknown> = {}
  const sources = {} as Record<SettingName, SettingSource>
  const problems: ConfigProblem[] = []
  for (const name of names) {
    // An empty value is an unset one, as shells and container tools leave them.
    const text = env[name] || file[name]
    sources[name] = text === undefined || text === '' ? 'default' : env[name] ? 'environment' : '.env'
    const { schema, expected } = settings[name]
    const value = sources[name] === 'default' ? defaultOf(schema) : parseText(schema, text ?? '')
    if (value === undefined) sources[name] = 'unset'
    else if (Value.Check(schema as TSchema, value)) values[name] = value
    else problems.push({ key: name, found: JSON.stringify(showValue(name, text ?? '')), expected })
  }
  problems.push(...databaseUrlProblems(values))
  if (problems.length > 0) throw new ConfigError(problems)
  const apps = parseApps(values as unknown as Settings, isProduction)
  const avatarPlace = Object.freeze(parseAvatarPlace(values as unknown as Settings))
  if (values.MPLOGIN_SECRET === undefined) {
    values.MPLOGIN_SECRET = developmentOnlySecret(isProduction, directory)
    sources.MPLOGIN_SECRET = 'generated'
  }
  return Object.freeze({
    values: Object.freeze(values) as unknown as Settings,
    sources: Object.freeze(sources),
    apps: Object.freeze(apps.map(app => Object.freeze({ ...app }))),
    avatarPlace,
    secrets: Object.freeze(String(values.MPLOGIN_SECRET).split(',').map(decodeSecret)),
    isProduction,
  })
}

function databaseUrlProblems({ DATABASE_URL }: Record<string, unknown>): ConfigProblem[] {
  if (typeof DATABASE_URL !== 'string') return []
  try {
    parseDatabaseUrl(DATABASE_URL)
    return []
  } catch (error) {
    if (!(error instanceof DatabaseUrlError)) throw error
    return [{ key: 'DATABASE_URL', found: error.found, expected: error.expected }]
  }
}

function readEnvFile(path: string): Record<string, string | undefined> {
  return existsSync(path) ? parseEnv(readFileSync(path, 'utf8')) : {}
}

function defaultOf(schema: object): unknown {
  return 'default' in schema ? schema.default : undefined
}

/** Numbers are the only settings that are not texts; a text that is no number stays one, and fails its check. */
function parseText(schema: object, text: string): unknown {
  const takesNumbers = JSON.stringify(schema).includes('"integer"')
  return takesNumbers && /^\d{1,15}$/.test(text.trim()) ? Number(text) : text.trim()
}

function developmentOnlySecret(isProduction: boolean, directory: string): string {
  const { expected } = settings.MPLOGIN_SECRET
  if (isProduction) throw new ConfigError([{ key: 'MPLOGIN_SECRET', found: 'nothing', expected }])
  return developmentSecret(join(directory, 'data'))
}

function decodeSecret(text: string): Buffer {
  const secret = Buffer.from(text.trim(), 'base64')
  const { expected } = settings.MPLOGIN_SECRET
  if (secret.length !== 32)
    throw new ConfigError([{ key: 'MPLOGIN_SECRET', found: `${secret.length} bytes`, expected }])
  return secret
}
