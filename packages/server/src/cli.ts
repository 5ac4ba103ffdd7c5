#!/usr/bin/env node
import { Command } from 'commander'
import { version } from './version.js'

const program = new Command('mplogin')
  .description('Login for WeChat mini programs: one person, one account.')
  .version(version)
  .showHelpAfterError('(mplogin --help lists the commands)')
  .addHelpText('after', '\nSettings come from the environment or from ./.env; `mplogin config` prints them all.')

program
  .command('serve')
  .description('run the login server; migrates the database first')
  .addHelpText(
    'after',
    '\nListens on HOST:PORT (127.0.0.1:3000). NODE_ENV=production asks for MPLOGIN_SECRET and WECHAT_APPID.',
  )
  .action(async () => {
    const [{ readConfig }, { serve }] = await Promise.all([import('./config/read-config.js'), import('./main.js')])
    await serve(readConfig())
  })

program
  .command('dev')
  .description('run everything for a look: WeChat (emulated), the server on SQLite, the demo page')
  .action(async () => {
    const { runDev } = await import('./commands/dev.js')
    await runDev()
  })

program
  .command('emulator')
  .description("run WeChat's side alone: point WECHAT_API_BASE of a server at it")
  .option('--port <port>', 'the port to listen on; 0: chosen by the system (default: PORT, else 3001)')
  .option('--host <address>', 'the address to listen on', '127.0.0.1')
  .option('--allow-remote', 'listen on an address that other machines reach')
  .addHelpText('after', '\nIts apps come from WECHAT_APPID and WECHAT_SECRET, or WECHAT_APPS, as for the server.')
  .action(async options => {
    const { runEmulator } = await import('./commands/emulator.js')
    await runEmulator(options)
  })

program
  .command('migrate')
  .description('bring the database schema up to date, under a lock')
  .action(async () => {
    const { runMigrate } = await import('./commands/migrate.js')
    await runMigrate()
  })

program
  .command('config')
  .description('print every setting with its value and where it came from; secrets are hidden')
  .option('--json', 'as JSON')
  .action(async options => {
    const { runConfig } = await import('./commands/config.js')
    runConfig(options)
  })

try {
  await program.parseAsync()
} catch (error) {
  const { explain } = await import('./commands/explain.js')
  process.stderr.write(`mplogin: ${explain(error)}\n`)
  process.exit(1)
}
