import { join } from 'node:path'
import { createWx, type WxOptions } from '@mplogin/emulator/wx'
import { expect } from 'vitest'
import { clientDirectory, readdress } from '../examples.js'
import type { Shop } from '../shop.js'
import { appA } from '../system.js'
import { type MiniProgram, type MiniProgramOptions, startMiniProgram } from './mini-program.js'

/** Phones on which a mini program of the shop is opened, from the folder of its build. */
export function createPhones(
  { system, ordersUrl, newPerson }: Shop,
  build: Pick<MiniProgramOptions, 'directory' | 'nameAttribute'>,
) {
  const edit = readdress({ login: system.url, orders: ordersUrl })
  let running: MiniProgram[] = []

  return {
    /** Opens the app on a phone of that person. */
    async open(user = newPerson(), options: WxOptions = {}) {
      const wx = createWx(system.emulator, user, { appid: appA.appid, ...options })
      const app = await startMiniProgram({ ...build, wx, edit, findPackage })
      running.push(app)
      return { wx, user, app }
    },

    /** What went wrong in the apps that were opened since it was asked last. */
    takeComplaints(): string[] {
      const complaints = running.flatMap(app => app.complaints)
      running = []
      return complaints
    },
  }
}

/** Where "build npm" of the developer tools takes the SDK from; builds of frameworks have it in them. */
function findPackage(name: string): string {
  return join(clientDirectory, 'miniprogram_dist', `${name.slice('@mplogin/client'.length + 1) || 'index'}.js`)
}

export type Opened = Awaited<ReturnType<ReturnType<typeof createPhones>['open']>>

/** Waits until an element is there, or gone. */
export const shows = (app: MiniProgram, name: string) => expect.poll(() => app.has(name), { message: name }).toBe(true)
export const hides = (app: MiniProgram, name: string) => expect.poll(() => app.has(name), { message: name }).toBe(false)

/** Waits until an element is there and can be tapped. */
export async function offers(app: MiniProgram, name: string): Promise<void> {
  await shows(app, name)
  await expect.poll(() => app.isDisabled(name), { message: name }).toBe(false)
}
