import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * The secret of a development machine, made once and kept in `data/secret`; processes that start at the same moment
 * agree on one.
 *
 * @returns 32 bytes in base64
 */
export function developmentSecret(directory: string): string {
  const path = join(directory, 'secret')
  mkdirSync(directory, { recursive: true })
  try {
    writeFileSync(path, randomBytes(32).toString('base64'), { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  return readFileSync(path, 'utf8').trim()
}
