import { readFileSync } from 'node:fs'
import type { ConnectionOptions } from 'node:tls'
import { DatabaseUrlError, type ServerAddress } from './database-url.js'

/**
 * The TLS options of libpq's modes: `require` encrypts and trusts whoever answers, `verify-ca` asks for a certificate
 * of a known authority, `verify-full` for one of this host.
 *
 * @throws DatabaseUrlError when the authority's file cannot be read
 * @see https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-PROTECTION
 */
export function tlsOptions({ sslMode, sslRootCert }: ServerAddress): ConnectionOptions | undefined {
  if (sslMode === 'disable') return undefined
  const ca = sslRootCert === undefined ? undefined : readAuthority(sslRootCert)
  return {
    rejectUnauthorized: sslMode !== 'require',
    ...(ca !== undefined && { ca }),
    ...(sslMode === 'verify-ca' && { checkServerIdentity: () => undefined }),
  }
}

function readAuthority(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? 'unreadable'
    throw new DatabaseUrlError(`sslrootcert=${JSON.stringify(path)} (${reason})`, 'a file with certificates in PEM')
  }
}
