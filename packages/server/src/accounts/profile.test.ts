import { describe, expect, it } from 'vitest'
import { isNickname, randomNickname } from './profile.js'

describe('isNickname', () => {
  it.each(['林', 'Ада', '👩‍💻', '👨‍👩‍👧', '🏳️‍🌈 Lin', '👩🏽‍🚀', randomNickname('zh-CN')])('takes %s', name => {
    expect(isNickname(name)).toBe(true)
  })

  it.each([
    ['nothing', ''],
    ['33 characters', 'x'.repeat(33)],
    ['a line break', 'a\nb'],
    ['a NUL', 'a\0b'],
    ['a direction mark', 'a\u202eb'],
    ['a zero-width space', 'a\u200bb'],
    ['a joiner between letters', 'a\u200db'],
    ['a joiner at the end', '👩\u200d'],
  ])('refuses %s', (_what, name) => {
    expect(isNickname(name)).toBe(false)
  })
})
