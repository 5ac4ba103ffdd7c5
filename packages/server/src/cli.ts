#!/usr/bin/env node
import { availableParallelism } from 'node:os'
import { Command, InvalidArgumentError } from 'commander'
import { version } from './version.js'

const maxWorkers = 256

function parseWorkers(text: string): number {
  const count = text === 'auto' ? availableParallelism() : Number(text)
  if (Number.isInteger(count) && count >= 1 && count <= maxWorkers) return count
  throw new InvalidArgumentError(`expected a number from 1 to ${maxWorkers}, or auto`)
}

const program = new Command('mplogin')
  .description('Login for WeChat mini programs: one person, one account.')
  .version(version)
  .showHelpAfterError('(mplogin --help lists the commands)')
  .addHelpText('after', '\nSettings come from the environment or from ./.env; `mplogin config` prints them all.')

program
  .command('serve')
  .description('run the login server; migrates the database first')
  .option('--workers <count>', 'processes that share the port, or auto: one for each core', parseWorkers, 1)
  .addHelpText(
    'after',
    '\nListens on HOST:PORT (127.0.0.1:3000). NODE_ENV=production asks for MPLOGIN_SECRET and WECHAT_APPID.',
  )
  .action(async ({ workers }) => {
    const [{ readConfig }, { serveInWorkers }] = await Promise.all([
      import('./config/read-config.js'),
      import('./main.js'),
    ])
    process.exitCode = await serveInWorkers(readConfig(), workers)
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
  .command('import')
  .argument('<file>', 'users as CSV, in UTF-8')
  .description('import users of a business that has some already')
  .option('--country-code <digits>', 'of phones that are written without +, such as 86')
  .option('--conflicts <file>', 'where rows are reported that somebody has to decide (default: FILE.conflicts.csv)')
  .option('--dry-run', 'check the file only')
  .option('--english', 'made-up nicknames in English')
  .addHelpText(
    'after',
    `
The first line names the columns, some of these in any order:
  id        kept as the account's id; left out, one is made
  nickname, avatar
  phone     +8613800000000
  openid, appid, unionid
  created_at, last_seen_at   2024-05-31 or 2024-05-31T08:00:00Z; left out, now

Who uses several apps has a row for each, with the same unionid. Every row is checked before the first is imported. An import never merges accounts and never replaces anything: rows
that meet accounts of several people go to the report. Stopped, the same command continues; repeated, it changes nothing.
It runs no account hooks and publishes no account.created: these users are known to the business.`,
  )
  .action(async (file, options) => {
    const { runImport } = await import('./commands/import.js')
    await runImport(file, options)
  })

const keys = program.command('keys').description('look after signing keys, the secret and what is stored under it')

keys
  .command('list')
  .description('the keys that sign access tokens, the oldest first')
  .option('--json', 'as JSON')
  .action(async options => {
    const { runListKeys } = await import('./commands/keys.js')
    await runListKeys(options)
  })

keys
  .command('rotate')
  .description('let the next key sign, which is published already, and publish another one after it')
  .option('--now', 'also if it was published less than 10 minutes ago: other back ends may refuse tokens for a while')
  .option('--leaked', 'as --now, and everything that the current key signed is refused from now on')
  .addHelpText(
    'after',
    '\nKeys rotate by themselves every SIGNING_KEY_MAX_DAYS. The former key stays published until its last token expired.',
  )
  .action(async options => {
    const { runRotate } = await import('./commands/keys.js')
    await runRotate(options)
  })

keys
  .command('reencrypt')
  .description('store phones and signing keys under the first secret of MPLOGIN_SECRET')
  .addHelpText(
    'after',
    `
To replace the secret:
  1. set MPLOGIN_SECRET=NEW,OLD on every instance; they go on writing under OLD
  2. run mplogin keys reencrypt, which makes NEW the current one; stopped, it continues when it is run again
  3. set MPLOGIN_SECRET=NEW when refresh tokens of before have run out (REFRESH_TOKEN_TTL_DAYS)`,
  )
  .action(async () => {
    const { runReencrypt } = await import('./commands/keys.js')
    await runReencrypt()
  })

const merges = program.command('merges').description('look at merges of accounts, and undo one')

merges
  .command('list')
  .description('the merges, the newest first')
  .option('--account <id>', 'of this account only, on either side')
  .option('--limit <count>', 'how many', '50')
  .option('--json', 'as JSON')
  .action(async options => {
    const { runListMerges } = await import('./commands/merges.js')
    await runListMerges(options)
  })

merges
  .command('undo')
  .argument('<id>', 'the merge, as `mplogin merges list` prints it')
  .description('make two accounts of one again, within MERGE_UNDO_DAYS')
  .addHelpText(
    'after',
    '\nIdentities, sessions and both accounts become what they were. It is refused, with the reason, when they moved on.\nA host application with account hooks calls undoMerge of its own login instead: this command runs none.',
  )
  .action(async id => {
    const { runUndoMerge } = await import('./commands/merges.js')
    await runUndoMerge(id)
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
