#!/usr/bin/env node
import { statSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'

// Old objects are cleared away when they have grown by two fifths instead of several times over: a third less memory under
// load, and no more work than a run varies by.
setFlagsFromString('--heap-growing-percent=40')
// The young objects of a login server are copied faster than helping threads are woken for it.
setFlagsFromString('--no-parallel-scavenge')

const timeOf = path => statSync(new URL(path, import.meta.url), { throwIfNoEntry: false })?.mtimeMs ?? 0

// In a checkout, what was compiled since the command was bundled counts.
const [bundle, modules] = ['../dist/command/mplogin.js', '../dist/cli.js']
const isBundled = timeOf(bundle) > timeOf('../dist/.tsbuildinfo')
if (!isBundled && timeOf(modules) === 0) {
  process.stderr.write('mplogin is not built yet: npm run build\n')
  process.exit(1)
}
await import(new URL(isBundled ? bundle : modules, import.meta.url).href)
