/** Measures mplogin beside others: `npm run bench`, `node bench/run.js --help`. */
import { existsSync } from 'node:fs'
import { installPeers } from './lib/install.js'

const print = text => process.stdout.write(`${text}\n`)

try {
  if (!existsSync(new URL('../packages/server/dist/cli.js', import.meta.url))) {
    throw new Error('mplogin is not built yet: npm run build')
  }
  installPeers(print)
  const { main } = await import('./lib/main.js')
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`bench: ${error instanceof TypeError ? error.message : (error.stack ?? error)}\n`)
  process.exitCode = 1
}
