import { createRequire } from 'node:module'

const manifest = createRequire(import.meta.url)('@mplogin/server/package.json') as { version: string }

/** This package's version. */
export const version = manifest.version
