/** Writes the generated part of docs: the settings, from their schema. `--check` only tells whether the pages are current. */
import { readFileSync, writeFileSync } from 'node:fs'
import { settings } from '../packages/server/dist/config/settings.js'

const begin = '<!-- settings: written by npm run docs -->'
const end = '<!-- end of settings -->'
const pages = { 'docs/configuration.md': 'en', 'README.md': 'en', 'README.zh-CN.md': 'zh-CN' }
const heads = { en: ['setting', 'default', 'what it does'], 'zh-CN': ['配置项', '默认值', '作用'] }

const escapeCell = text => text.replaceAll('|', '\\|')
const cells = row => `| ${row.join(' | ')} |`
const tableIn = language =>
  [
    cells(heads[language]),
    '|---|---|---|',
    ...Object.entries(settings).map(([name, { schema, description }]) =>
      cells([`\`${name}\``, 'default' in schema ? `\`${schema.default}\`` : '', escapeCell(description[language])]),
    ),
  ].join('\n')

let isCurrent = true
for (const [page, language] of Object.entries(pages)) {
  const text = readFileSync(page, 'utf8')
  if (!text.includes(begin)) continue
  const written = `${text.slice(0, text.indexOf(begin) + begin.length)}\n\n${tableIn(language)}\n\n${text.slice(text.indexOf(end))}`
  if (written === text) continue
  isCurrent = false
  if (!process.argv.includes('--check')) {
    writeFileSync(page, written)
    console.log(`wrote ${page}`)
  }
}
if (process.argv.includes('--check') && !isCurrent) {
  console.log('The settings in the docs are not current: npm run docs')
  process.exitCode = 1
}
