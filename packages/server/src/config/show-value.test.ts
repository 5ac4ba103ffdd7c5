import { expect, it } from 'vitest'
import { showValue } from './show-value.js'

it.each([
  ['postgres://app:hidden@db:5432/mplogin?sslmode=require', 'postgres://(hidden)@db:5432/mplogin?sslmode=require'],
  ['postgres://app:hid@den@db/mplogin', 'postgres://(hidden)@db/mplogin'],
  ['redis://:hid/den@cache:6379', 'redis://(hidden)@cache:6379'],
  ['sqlite:./data/mplogin.db', 'sqlite:./data/mplogin.db'],
])('shows of %s what is no secret', (url, shown) => {
  expect(showValue('DATABASE_URL', url)).toBe(shown)
})
