import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { whyMissing } from './databases.js'

/** A MariaDB of a test's own, so that it can be set up, and broken, in ways the common one cannot. */
export interface PrivateMariadb {
  readonly port: number
  /** A database in it. */
  readonly url: string
  stop(): Promise<void>
}

// Debian keeps servers out of the path of users.
const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/usr/local/sbin` }

/** Starts a MariaDB with its data in a directory. */
export async function startPrivateMariadb(directory: string, options: readonly string[] = []): Promise<PrivateMariadb> {
  const data = join(directory, 'data')
  // A server that starts removes what it takes for left-over tables there, also those of a server that is running.
  const temporary = `--tmpdir=${mkdtempSync(join(directory, 'tmp-'))}`
  const user = process.getuid?.() === 0 ? ['--user=root'] : []
  const small = ['--innodb-log-file-size=8M', '--innodb-buffer-pool-size=32M', '--aria-log-file-size=8M']
  const install = [
    '--no-defaults',
    `--datadir=${data}`,
    temporary,
    '--auth-root-authentication-method=normal',
    '--skip-test-db',
  ]
  execFileSync('mariadb-install-db', [...install, ...user, ...small], { env, stdio: 'pipe' })
  const port = await freePort()
  const server = spawn(
    'mariadbd',
    [
      ...['--no-defaults', `--datadir=${data}`, temporary, `--socket=${join(directory, 'mariadb.sock')}`],
      ...[`--port=${port}`, '--bind-address=127.0.0.1', ...user, ...small, ...options],
    ],
    { env, stdio: 'ignore' },
  )
  const root = `mysql://root@127.0.0.1:${port}`
  for (let attempt = 0; ; attempt++) {
    const why = await whyMissing('mysql', `${root}/mysql`)
    if (why === undefined) break
    if (server.exitCode !== null || attempt > 300) throw new Error(`MariaDB does not start: ${why}`)
    await new Promise(resolve => setTimeout(resolve, 100))
  }
  execFileSync(
    'mariadb',
    ['--no-defaults', '-h127.0.0.1', `-P${port}`, '-uroot', '--skip-ssl', '-e', 'create database app'],
    {
      env,
      stdio: 'pipe',
    },
  )
  return { port, url: `${root}/app`, stop: () => stop(server) }
}

async function stop(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return
  server.kill('SIGKILL')
  await once(server, 'exit')
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}
