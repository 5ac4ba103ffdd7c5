import { firstPersonId } from './people.js'

const texts = {
  zh: {
    title: '开发模式',
    page: '演示页面',
    docs: '接口文档',
    wechat: '微信（模拟）',
    database: '数据库',
    curl: '用一行命令登录一个虚拟用户：',
    stop: '按 Ctrl+C 结束',
  },
  en: {
    title: 'development',
    page: 'Page',
    docs: 'API docs',
    wechat: 'WeChat (emulated)',
    database: 'Database',
    curl: 'One line that logs a virtual user in:',
    stop: 'Ctrl+C ends it',
  },
} as const

/** What `mplogin dev` prints: where to click, and one `curl` that logs a virtual user in. Chinese where the terminal is. */
export function banner(facts: {
  version: string
  url: string
  emulatorUrl: string
  databaseUrl: string
  locale: string | undefined
}): string {
  const { version, url, emulatorUrl, databaseUrl, locale } = facts
  const text = locale?.startsWith('zh') ? texts.zh : texts.en
  const rows: [string, string][] = [
    [text.page, url],
    [text.docs, `${url}/docs`],
    [text.wechat, `${emulatorUrl}/_emulator`],
    [text.database, databaseUrl],
  ]
  const width = Math.max(...rows.map(([label]) => columns(label)))
  const lines = rows.map(([label, value]) => `  ${label}${' '.repeat(width - columns(label))}   ${value}`)
  return [
    '',
    `  mplogin ${version} · ${text.title}`,
    '',
    ...lines,
    '',
    `  ${text.curl}`,
    '',
    `  ${loginCommand(url, emulatorUrl)}`,
    '',
    `  ${text.stop}`,
    '',
    '',
  ].join('\n')
}

/** Gets a code as wx.login would, and logs in with it. */
export function loginCommand(url: string, emulatorUrl: string): string {
  return `curl -sX POST "${url}/login?code=$(curl -sX POST ${emulatorUrl}/_emulator/users/${firstPersonId}/login-code | grep -oE '[0-9A-Za-z]{32}')"`
}

/** Columns of a terminal that a text takes: Chinese characters take two. */
function columns(text: string): number {
  return [...text].reduce((sum, character) => sum + (/[\u2e80-\uffef]/.test(character) ? 2 : 1), 0)
}
