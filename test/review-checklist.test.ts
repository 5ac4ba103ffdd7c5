import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const docs = new URL('../docs/', import.meta.url)
const text = readFileSync(new URL('review-checklist.md', docs), 'utf8')
const links = [...text.matchAll(/\]\(([^)]+)\)/g)].map(([, path]) => path as string)

describe('docs/review-checklist.md', () => {
  it('names files that exist', () => {
    expect(links.length).toBeGreaterThan(20)
    expect(links.filter(path => !existsSync(new URL(path, docs)))).toEqual([])
  })

  it('names every page of the example', () => {
    const pages = readdirSync(new URL('../examples/uni-app/src/pages/', import.meta.url))
    expect(pages.length).toBeGreaterThan(8)
    expect(pages.filter(page => !links.some(link => link.endsWith(`/pages/${page}/${page}.vue`)))).toEqual([])
  })

  it('names each of WeChat’s rules about login and personal data by its number', () => {
    const rules = [
      '5.12.3',
      '15.1.3',
      '12.6.1',
      '12.6.2',
      '12.6.3',
      '12.6.4',
      '5.14.4',
      '15.1.4',
      '15.3.7',
      '15.3.8',
      '15.3.9',
      '3.4.1',
      '3.3.4',
    ]
    expect(rules.filter(rule => !text.includes(rule))).toEqual([])
  })
})
