import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Api, createApi } from './support/api.js'
import { type Fleet, startFleet } from './support/fleet.js'
import { cli, listeningUrl, type Running, startCommand } from './support/processes.js'

const workerCount = 3

let fleet: Fleet
let primary: Running
let api: Api
beforeAll(async () => {
  fleet = await startFleet(0)
  primary = startCommand(['serve', '--workers', String(workerCount)], {
    cwd: fleet.cwd,
    env: { ...fleet.env, LOG_LEVEL: 'info' },
  })
  api = createApi(await listeningUrl(primary))
  await haveListened(workerCount)
}, 90_000)
afterAll(async () => {
  await primary.stop()
  await fleet.close()
})

/** The process ids of the primary's children. */
function workers(): number[] {
  const { pid } = primary.child
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
}

const haveListened = (count: number) =>
  vi.waitFor(() => expect(primary.output().split('listening at')).toHaveLength(count + 1), 60_000)

const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

const loginAs = (person: ReturnType<Fleet['person']>) => api.login({ code: person.loginCode() })
const loginsCounted = async () => {
  const text = String((await api.get('/metrics')).body)
  return [...text.matchAll(/^mplogin_logins_total\{.*\} (\d+)$/gm)].reduce((sum, [, count]) => sum + Number(count), 0)
}

describe.runIf(process.platform === 'linux')('mplogin serve --workers', { timeout: 60_000 }, () => {
  it('makes one account of a person who signs in everywhere at once, and counts all logins', async () => {
    const people = Array.from({ length: 5 }, () => fleet.person())
    const logins = people.flatMap(person => Array.from({ length: 12 }, () => loginAs(person)))
    const answers = await Promise.all(logins)
    expect(answers.map(answer => answer.status)).toEqual(Array(60).fill(200))
    const ids = answers.map(answer => answer.body.data.user.id)
    expect(new Set(ids).size).toBe(5)
    expect(answers.filter(answer => answer.body.data.isNewUser)).toHaveLength(5)
    // Whichever worker is asked tells of all.
    expect([await loginsCounted(), await loginsCounted(), await loginsCounted()]).toEqual([60, 60, 60])
  })

  it('replaces a worker that dies; the others go on', async () => {
    const [victim = 0] = workers()
    process.kill(victim, 'SIGKILL')
    await expect.poll(() => primary.output()).toContain('a worker died, and is replaced')
    const person = fleet.person()
    for (let i = 0; i < 10; i++) expect((await loginAs(person)).status).toBe(200)
    await haveListened(workerCount + 1)
    expect(workers().filter(pid => pid !== victim)).toHaveLength(workerCount)
  })

  it('goes on with those that live while a replacement cannot start', async () => {
    const file = fleet.env.DATABASE_URL.replace(/^sqlite:/, '')
    renameSync(file, `${file}.away`)
    mkdirSync(file)
    const [victim = 0] = workers()
    const attempts = () => primary.output().split('a worker died, and is replaced').length - 1
    const before = attempts()
    process.kill(victim, 'SIGKILL')
    await expect.poll(attempts, { timeout: 30_000 }).toBeGreaterThan(before + 1)
    for (let i = 0; i < 5; i++) expect((await api.get('/healthz')).status).toBe(200)
    const text = String((await api.get('/metrics')).body)
    expect(text).toContain('mplogin_logins_total')
    rmSync(file, { recursive: true })
    renameSync(`${file}.away`, file)
    const listening = primary.output().split('listening at').length - 1
    await haveListened(listening + 1)
    expect(workers()).toHaveLength(workerCount)
  })

  it('closes all of them, and answers what is under way', async () => {
    const pids = workers()
    fleet.emulator.addFault({ path: '/sns/jscode2session', delayMs: 700, times: 5 })
    const person = fleet.person()
    const underWay = Array.from({ length: 5 }, () => loginAs(person))
    await new Promise(resolve => setTimeout(resolve, 300))
    const [code, ...answers] = await Promise.all([primary.stop(), ...underWay])
    expect(answers.map(answer => answer.status)).toEqual(Array(5).fill(200))
    expect(code).toBe(0)
    expect(pids.filter(isAlive)).toEqual([])
    expect(primary.output().split('"closed"').length - 1).toBe(workerCount)
  })

  it('closes also while they start', async () => {
    const starting = startCommand(['serve', '--workers', '2'], { cwd: fleet.cwd, env: fleet.env })
    await new Promise(resolve => setTimeout(resolve, 400))
    expect(await starting.stop()).not.toBe(1)
  })

  it('ends when a worker cannot start, with its reason', async () => {
    const { code, output } = await fleet.runWith({ HOST: '203.0.113.1' }, 'serve', '--workers', '2')
    expect(code).toBe(1)
    expect(output).toContain('EADDRNOTAVAIL')
    expect(output).toContain('a worker could not start')
  })

  it("serves by itself as a worker of somebody else's cluster, whose primary does not know us", async () => {
    const host = join(fleet.cwd, 'host.mjs')
    writeFileSync(
      host,
      `import cluster from 'node:cluster'
      if (cluster.isPrimary) {
        const worker = cluster.fork()
        worker.on('listening', async ({ port }) => {
          const answer = await fetch('http://127.0.0.1:' + port + '/metrics')
          console.log('metrics', answer.status, (await answer.text()).includes('mplogin_logins_total'))
          worker.process.kill('SIGTERM')
        })
        worker.on('exit', code => console.log('ended', code))
      } else {
        process.argv.splice(1, 1, ${JSON.stringify(cli)}, 'serve', '--workers', '2')
        await import(${JSON.stringify(pathToFileURL(cli).href)})
      }`,
    )
    const { PATH = '' } = process.env
    const { stdout } = await promisify(execFile)(process.execPath, [host], {
      cwd: fleet.cwd,
      env: { PATH, ...fleet.env },
    })
    expect(stdout).toContain('metrics 200 true')
    expect(stdout).toContain('ended 0')
  })

  it.each(['0', '-1', 'many', '1.5'])('refuses %s of them', async count => {
    const { code, output } = await fleet.run('serve', `--workers=${count}`)
    expect(code).toBe(1)
    expect(output).toContain('expected a number from 1 to 256, or auto')
  })
})
