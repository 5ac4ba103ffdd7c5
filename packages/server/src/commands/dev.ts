import { readConfig } from '../config/read-config.js'
import { showValue } from '../config/show-value.js'
import { banner } from '../dev/banner.js'
import { startDev } from '../dev/start-dev.js'
import { closeOnSignals } from '../main.js'
import { version } from '../version.js'

/** `mplogin dev` */
export async function runDev(): Promise<void> {
  const config = readConfig()
  if (config.isProduction)
    throw new Error(
      'dev shows accounts to whoever asks and runs an emulated WeChat: it does not start with NODE_ENV=production; use serve',
    )
  const { url, emulatorUrl, app, logger } = await startDev(config)
  closeOnSignals(app, logger)
  const locale = process.env.LC_ALL || process.env.LC_MESSAGES || process.env.LANG
  process.stdout.write(
    banner({ version, url, emulatorUrl, databaseUrl: showValue('DATABASE_URL', config.values.DATABASE_URL), locale }),
  )
}
