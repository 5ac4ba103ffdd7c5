import { describeConfig } from '../config/describe-config.js'
import { readConfig } from '../config/read-config.js'

/** `mplogin config` */
export function runConfig(options: { json?: boolean }): void {
  const rows = describeConfig(readConfig())
  if (options.json) {
    process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`)
    return
  }
  const width = (column: 'name' | 'value') => Math.max(...rows.map(row => row[column].length))
  const [name, value] = [width('name'), width('value')]
  process.stdout.write(
    rows.map(row => `${row.name.padEnd(name)}  ${row.value.padEnd(value)}  ${row.source}\n`).join(''),
  )
}
