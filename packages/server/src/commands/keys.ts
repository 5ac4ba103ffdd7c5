import { reencryptPhones } from '../accounts/reencrypt.js'
import { type Config, readConfig } from '../config/read-config.js'
import { writeAudit } from '../ops/audit.js'
import { forgetFormerSecrets, switchSecret } from '../ops/current-secret.js'
import type { RotationCause } from '../sessions/decide-rotation.js'
import { keyPolicyOf } from '../sessions/key-policy.js'
import { readKeys, resealSigningKeys, rotateKeys } from '../sessions/rotate-keys.js'
import { createProgress } from './progress.js'
import { withDatabase, withMigratedDatabase } from './with-database.js'

/** `mplogin keys list` */
export async function runListKeys(options: { json?: boolean }): Promise<void> {
  await withMigratedDatabase(readConfig(), async database => {
    const keys = await readKeys(database.db)
    if (options.json) {
      process.stdout.write(`${JSON.stringify(keys, null, 2)}\n`)
      return
    }
    const lines = keys.map(({ kid, state, alg, createdAt, activatedAt, retiredAt }) => {
      const since = (retiredAt ?? activatedAt ?? createdAt).toISOString()
      return `${kid}  ${state.padEnd(7)}  ${alg}  since ${since}\n`
    })
    process.stdout.write(lines.length === 0 ? 'No keys yet: the first server makes them.\n' : lines.join(''))
  })
}

/** `mplogin keys rotate` */
export async function runRotate(options: { now?: boolean; leaked?: boolean }): Promise<void> {
  const config = readConfig()
  const cause: RotationCause = options.leaked ? 'leaked' : options.now ? 'now' : 'rotate'
  await withDatabase(config, async (database, keyring) => {
    const deps = { database, keyring, policy: keyPolicyOf(config.values) }
    await rotateKeys(deps, 'start', new Date())
    const done = await rotateKeys(deps, cause, new Date())
    if ('readyAt' in done) {
      throw new Error(
        `the next key signs from ${done.readyAt.toISOString()} on, when other back ends know it; --now does not wait for them`,
      )
    }
    const former = {
      rotate: 'stays published until its last token has expired',
      now: 'stays published until its last token has expired',
      leaked: 'is gone: what it signed is refused, and clients refresh',
    }
    process.stdout.write(
      `${done.promote} signs from now on; instances follow within a minute. The former key ${former[cause as keyof typeof former]}.\n`,
    )
  })
}

/** `mplogin keys reencrypt` */
export async function runReencrypt(): Promise<void> {
  const config = readConfig()
  await withDatabase(config, async (database, keyring) => {
    const isReplaced = keyring.currentId() !== keyring.firstId
    await switchSecret(database, keyring, new Date())
    const keys = await resealSigningKeys(database, keyring)
    const progress = createProgress('reencrypting', 'phones')
    const phones = await reencryptPhones(database, keyring, progress.update).finally(progress.stop)
    await forgetFormerSecrets(database)
    if (isReplaced || keys > 0 || phones > 0) {
      await database.transact(tx =>
        writeAudit(tx, new Date(), [{ action: 'secret.replaced', actor: 'admin', detail: { keys, phones } }]),
      )
    }
    process.stdout.write(describeReencrypted(config, keys, phones))
  })
}

function describeReencrypted({ secrets, values }: Config, keys: number, phones: number): string {
  const done =
    keys === 0 && phones === 0
      ? 'Everything is under the first secret of MPLOGIN_SECRET already.\n'
      : `${phones} phones and ${keys} signing keys are now under the first secret of MPLOGIN_SECRET.\n`
  if (secrets.length === 1) return done
  const days = values.REFRESH_TOKEN_TTL_DAYS
  return `${done}Leave the former secret in the list for ${days} days, so that nobody has to sign in again; then remove it.\n`
}
