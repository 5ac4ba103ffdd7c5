import type { Emulator } from '@mplogin/emulator'

/** The virtual people of the demo page; their ids are fixed, so that they keep their openids over restarts. */
const people = [
  { id: 'linxiao', name: '林晓', phone: '+8613800001234' },
  { id: 'zhouye-1', name: '周野 · 微信一', phone: '+8613900005678' },
  { id: 'zhouye-2', name: '周野 · 微信二', phone: '+8613900005678' },
  { id: 'maya', name: 'Maya', phone: '+14155550142' },
  { id: 'chenmo', name: '陈默' },
] as const

/** The first of them, for the `curl` that is printed. */
export const firstPersonId = people[0].id

/** Adds them to an emulator. */
export function addPeople(emulator: Emulator): void {
  for (const person of people) emulator.createUser(person)
}
