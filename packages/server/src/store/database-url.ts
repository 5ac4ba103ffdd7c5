import { isIP } from 'node:net'
import { Type } from 'typebox'
import { Value } from 'typebox/value'

/** How the connection to a database server is protected; the names are libpq's. */
export type SslMode = 'disable' | 'require' | 'verify-ca' | 'verify-full'

/** A database server and how we use it. */
export interface ServerAddress {
  readonly kind: 'postgres' | 'mysql'
  /** A name, an address, or the directory (PostgreSQL) or path (MySQL) of a Unix socket. */
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  readonly database: string
  readonly sslMode: SslMode
  /** File of the certificate authority, in PEM. */
  readonly sslRootCert: string | undefined
  /** Connections this process opens at most. */
  readonly poolSize: number
  /** How long a request waits for a connection, a new one or one of the pool. */
  readonly connectTimeoutMs: number
  /** How long a statement may take. */
  readonly queryTimeoutMs: number
}

/** What DATABASE_URL names. */
export type DatabaseAddress = { readonly kind: 'sqlite'; readonly path: string } | ServerAddress

/** DATABASE_URL cannot be used; neither text holds the password. */
export class DatabaseUrlError extends TypeError {
  override readonly name = 'DatabaseUrlError'
  readonly found: string
  readonly expected: string

  constructor(found: string, expected: string) {
    super(`DATABASE_URL: found ${found}, expected ${expected}`)
    this.found = found
    this.expected = expected
  }
}

/** The forms of DATABASE_URL. */
export const databaseUrlForms =
  'sqlite:PATH, postgres://USER:PASSWORD@HOST/DATABASE or mysql://USER:PASSWORD@HOST/DATABASE'

const kinds: Readonly<Record<string, ServerAddress['kind']>> = {
  'postgres:': 'postgres',
  'postgresql:': 'postgres',
  'mysql:': 'mysql',
  'mariadb:': 'mysql',
}
const defaultPort = { postgres: 5432, mysql: 3306 } as const
const defaultUser = { postgres: 'postgres', mysql: 'root' } as const

/** The parameters after the `?`, in seconds where they are times, as libpq has them. */
const Parameters = Type.Object(
  {
    host: Type.Optional(Type.String({ minLength: 1 })),
    sslmode: Type.Enum(['disable', 'require', 'verify-ca', 'verify-full']),
    sslrootcert: Type.Optional(Type.String({ minLength: 1 })),
    pool_size: Type.Integer({ minimum: 1, maximum: 1000 }),
    connect_timeout: Type.Integer({ minimum: 1, maximum: 60 }),
    query_timeout: Type.Integer({ minimum: 1, maximum: 300 }),
  },
  { additionalProperties: false },
)
const parameterForms: Readonly<Record<string, string>> = {
  host: 'host=DIRECTORY of a Unix socket',
  sslmode: 'sslmode=disable, require, verify-ca or verify-full',
  sslrootcert: 'sslrootcert=FILE',
  pool_size: 'pool_size=1 to 1000',
  connect_timeout: 'connect_timeout=1 to 60 (seconds)',
  query_timeout: 'query_timeout=1 to 300 (seconds)',
}
const parameterDefaults = { sslmode: 'disable', pool_size: 10, connect_timeout: 5, query_timeout: 10 }

/**
 * Reads DATABASE_URL.
 *
 * @throws DatabaseUrlError
 */
export function parseDatabaseUrl(text: string): DatabaseAddress {
  const scheme = /^[a-z][a-z0-9+.-]*:/i.exec(text)?.[0].toLowerCase()
  if (scheme === 'sqlite:') return parseSqlite(text)
  const kind = scheme === undefined ? undefined : kinds[scheme]
  if (kind === undefined) {
    const found = scheme === undefined ? 'no scheme' : `the scheme ${JSON.stringify(scheme.slice(0, -1))}`
    throw new DatabaseUrlError(found, databaseUrlForms)
  }
  return parseServer(kind, text)
}

function parseSqlite(text: string): DatabaseAddress {
  const path = text.slice('sqlite:'.length).replace(/^\/\//, '')
  if (path === '') throw new DatabaseUrlError('no file', 'sqlite:PATH')
  if (path.includes('?')) throw new DatabaseUrlError('parameters, which a file has none of', 'sqlite:PATH')
  return { kind: 'sqlite', path }
}

function parseServer(kind: ServerAddress['kind'], text: string): ServerAddress {
  const form = `${kind}://USER:PASSWORD@HOST:PORT/DATABASE, reserved characters of the password percent-encoded; of a Unix socket ${kind}://USER@localhost/DATABASE?host=DIRECTORY`
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.hash !== '') throw new DatabaseUrlError('an address that cannot be read', form)
  const database = decode(url.pathname.slice(1), form)
  if (database === '' || database.includes('/')) throw new DatabaseUrlError('no name of a database', form)
  const parameters = parseParameters(url.searchParams)
  if (parameters.sslrootcert !== undefined && !parameters.sslmode.startsWith('verify-'))
    throw new DatabaseUrlError('sslrootcert where nothing is verified', 'sslmode=verify-ca or verify-full with it')
  const host = parameters.host ?? decode(url.hostname, form).replace(/^\[(.*)\]$/, '$1')
  if (host === '') throw new DatabaseUrlError('no host', form)
  if (kind === 'mysql' && parameters.sslmode === 'verify-full' && isIP(host) !== 0)
    throw new DatabaseUrlError(
      'sslmode=verify-full with an address',
      'the name that the certificate of the host is for, or sslmode=verify-ca',
    )
  return {
    kind,
    host,
    port: url.port === '' ? defaultPort[kind] : Number(url.port),
    user: decode(url.username, form) || defaultUser[kind],
    password: decode(url.password, form),
    database,
    sslMode: parameters.sslmode as SslMode,
    sslRootCert: parameters.sslrootcert,
    poolSize: parameters.pool_size,
    connectTimeoutMs: parameters.connect_timeout * 1000,
    queryTimeoutMs: parameters.query_timeout * 1000,
  }
}

function parseParameters(search: URLSearchParams) {
  const given = Object.fromEntries(
    [...search].map(([key, value]) => [key, /^\d{1,6}$/.test(value) ? Number(value) : value]),
  )
  const parameters: unknown = { ...parameterDefaults, ...given }
  if (Value.Check(Parameters, parameters)) return parameters
  for (const [key, value] of Object.entries(given)) {
    const form = parameterForms[key]
    if (form === undefined)
      // What is no name may be the rest of a password with a question mark in it.
      throw new DatabaseUrlError(
        /^\w+$/.test(key) ? `the parameter ${key}` : 'a parameter that is none',
        Object.values(parameterForms).join(' · '),
      )
    if (!Value.Check(Parameters, { ...parameterDefaults, [key]: value }))
      throw new DatabaseUrlError(`${key}=${JSON.stringify(value)}`, form)
  }
  throw new DatabaseUrlError('parameters that do not fit together', Object.values(parameterForms).join(' · '))
}

function decode(text: string, form: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new DatabaseUrlError('a % that encodes nothing', form)
  }
}
