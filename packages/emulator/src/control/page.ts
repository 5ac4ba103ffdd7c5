import { readFile } from 'node:fs/promises'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { EmulatorError } from '../emulator-error.js'

// From src/control and from dist/control alike.
const packageRoot = new URL('../../', import.meta.url)

const contentTypes: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
}

/** Nothing but its own files: names of people come from whoever makes them. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ')

/** A file of the page: a plain name, so that it leads nowhere else. */
export const PageParams = Type.Object({ file: Type.String({ pattern: '^[a-z][a-z-]*\\.(css|js|svg)$' }) })

/** Whether a browser asks to see something; scripts and curl get JSON. */
export function wantsPage({ headers }: FastifyRequest): boolean {
  return headers.accept?.includes('text/html') ?? false
}

/** @throws EmulatorError NOT_FOUND */
export async function sendPageFile(reply: FastifyReply, file: string): Promise<FastifyReply> {
  const extension = file.split('.').at(-1) ?? ''
  const directory = extension === 'js' ? 'dist/page/' : 'page/'
  let content: Buffer
  try {
    content = await readFile(new URL(directory + file, packageRoot))
  } catch {
    throw new EmulatorError('NOT_FOUND', 'there is no such file of the page')
  }
  return reply
    .headers({
      'content-type': contentTypes[extension],
      'content-security-policy': policy,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-cache',
    })
    .send(content)
}
