#!/usr/bin/env node
import { existsSync } from 'node:fs'

const cli = new URL('../dist/cli.js', import.meta.url)
if (!existsSync(cli)) {
  process.stderr.write('mplogin is not built yet: npm run build\n')
  process.exit(1)
}
await import(cli.href)
