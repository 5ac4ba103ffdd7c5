import { reencryptPhones } from '../accounts/reencrypt.js'
import { readConfig } from '../config/read-config.js'
import { writeAudit } from '../ops/audit.js'
import { forgetFormerSecrets, switchSecret } from '../ops/current-secret.js'
import { resealSigningKeys } from '../sessions/signing-keys.js'
import { createProgress } from './progress.js'
import { withDatabase } from './with-database.js'

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
    process.stdout.write(
      keys === 0 && phones === 0
        ? 'Everything is under the first secret of MPLOGIN_SECRET already.\n'
        : `${phones} phones and ${keys} signing keys are now under the first secret of MPLOGIN_SECRET.\n`,
    )
    if (config.secrets.length > 1) {
      const days = config.values.REFRESH_TOKEN_TTL_DAYS
      process.stdout.write(
        `Leave the former secret in the list for ${days} days, so that nobody has to sign in again; then remove it.\n`,
      )
    }
  })
}
