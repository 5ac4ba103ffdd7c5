import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { developmentApp } from '@mplogin/contract'

const run = promisify(execFile)

/** The SDK as it was built: the examples run on it. */
export const clientDirectory = fileURLToPath(new URL('../../packages/client/', import.meta.url))

/** The mini programs in `examples/`; those with a build have a lock and dependencies of their own. */
export const uniApp = openExample('uni-app', { isBuilt: true })
export const taroApp = openExample('taro', { isBuilt: true })
export const nativeApp = openExample('wx-native', { isBuilt: false })

function openExample(name: string, { isBuilt }: { isBuilt: boolean }) {
  const directory = fileURLToPath(new URL(`../../examples/${name}/`, import.meta.url))
  const missing = [
    ...(isBuilt
      ? [{ path: join(directory, 'node_modules/.package-lock.json'), advice: 'node scripts/install-examples.js' }]
      : []),
    { path: join(clientDirectory, 'miniprogram_dist/index.js'), advice: 'npm run build' },
  ].filter(({ path }) => !existsSync(path))
  return {
    directory,

    /** Whether what its tests need is there. */
    isReady: missing.length === 0,

    /** Says loudly that tests are skipped without it; in CI they fail instead. */
    warnUnlessReady(): void {
      if (missing.length === 0) return
      const text = missing.map(({ path, advice }) => `no ${path}: its tests are SKIPPED (${advice})`).join('\n')
      if (process.env.CI) throw new Error(text)
      process.stderr.write(`\n${text}\n\n`)
    },

    /** Builds it as its README says; gives the folder `output`. */
    async build(script: string, output: string): Promise<string> {
      await run('npm', ['run', script], { cwd: directory, env: { ...process.env, NODE_ENV: 'production' } })
      return join(directory, output)
    },
  }
}

/** The addresses that the examples have, which a deployment replaces. */
const development = {
  login: 'http://127.0.0.1:3000',
  orders: 'http://127.0.0.1:3002',
  emulator: 'http://127.0.0.1:3001',
  appid: developmentApp.appid as string,
}

/** Puts what is true in this run into built code. */
export function readdress(to: Partial<typeof development>): (code: string) => string {
  return code =>
    Object.entries(to).reduce(
      (text, [name, value]) => text.replaceAll(development[name as keyof typeof to], value),
      code,
    )
}

/** Every file below a folder, by its path in it. */
export function listFiles(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter(path =>
    statSync(join(directory, path)).isFile(),
  )
}

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.png': 'image/png',
}

/** Serves a built page on a port chosen by the system. */
export async function servePage(directory: string, edit: (code: string) => string) {
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://x').pathname
    const file = join(directory, path === '/' ? 'index.html' : path)
    if (!existsSync(file)) return response.writeHead(404).end()
    response.setHeader('content-type', types[extname(file)] ?? 'application/octet-stream')
    const content = readFileSync(file)
    return response.end(extname(file) === '.js' ? edit(content.toString('utf8')) : content)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close(): void {
      server.closeAllConnections()
      server.close()
    },
  }
}

/**
 * Names that stand in code without being asked: of XML, in the words of warnings of Vue, React and ours, and where Taro's
 * `location` says that a page is.
 */
const namesOnly = [
  'www.w3.org',
  'vuejs.org',
  'cli.vuejs.org',
  'reactjs.org',
  'github.com',
  'api.example.com',
  'taro.com',
]

/** Hosts in built text files that are not this machine. */
export function foreignHosts(directory: string): string[] {
  const files = listFiles(directory).filter(path => /\.(js|json|css|wxss|wxml|html)$/.test(path))
  const texts = files.map(path => readFileSync(join(directory, path), 'utf8'))
  const hosts = texts.flatMap(text =>
    [...text.matchAll(/(?:https?:|wss?:)?\/\/([a-z\d-]+(?:\.[a-z\d-]+)+)/gi)].map(([, host]) => host as string),
  )
  return [...new Set(hosts)].filter(host => host !== '127.0.0.1' && !namesOnly.includes(host)).sort()
}
