import { useLogin } from '@mplogin/client/vue'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRenderer, effectScope, h, isReadonly, isRef, nextTick, watchEffect } from 'vue'
import { createPhone } from '../support/phone.js'
import { appA, type System, startSystem } from '../support/system.js'

let system: System
beforeAll(async () => {
  system = await startSystem()
})
afterAll(() => system.close())

function page(options: { phone?: string } = {}) {
  const phone = createPhone(system, options)
  const { login, wx } = phone.start()
  const scope = effectScope()
  const shown = scope.run(() => useLogin(login))
  if (!shown) throw new Error('the scope is over')
  return { phone, login, wx, scope, ...shown }
}

/** What a page shows, without a browser: Vue renders into plain objects. */
interface Shown {
  text: string
  parent?: Shown | undefined
  children: Shown[]
}

function mount(component: { setup(): () => unknown }) {
  const create = (text = ''): Shown => ({ text, children: [] })
  const remove = (node: Shown) => {
    const siblings = node.parent?.children ?? []
    siblings.splice(siblings.indexOf(node), 1)
  }
  const { createApp } = createRenderer<Shown, Shown>({
    createElement: () => create(),
    createText: create,
    createComment: create,
    setText: (node, text) => void Object.assign(node, { text }),
    setElementText: (node, text) => void Object.assign(node, { text }),
    patchProp: () => undefined,
    parentNode: node => node.parent ?? null,
    nextSibling: node => node.parent?.children[node.parent.children.indexOf(node) + 1] ?? null,
    insert(node, parent, anchor) {
      node.parent = parent
      parent.children.splice(anchor ? parent.children.indexOf(anchor) : parent.children.length, 0, node)
    },
    remove,
  })
  const root = create()
  const app = createApp(component)
  app.mount(root)
  const textOf = (node: Shown): string => node.text + node.children.map(textOf).join('')
  return { text: () => textOf(root), unmount: () => app.unmount() }
}

describe('a page that uses it', () => {
  it('is rendered anew with each change, and hears nothing once it is unmounted', async () => {
    const phone = createPhone(system, { phone: '13900002004' })
    const { login, wx } = phone.start()
    let renders = 0
    let page: ReturnType<typeof useLogin> | undefined
    const { text, unmount } = mount({
      setup() {
        const shown = useLogin(login)
        page = shown
        return () => {
          renders++
          const { user, needsPhone, isBusy, error } = shown
          return h('view', [
            h('text', user.value ? user.value.nickname : 'nobody'),
            needsPhone.value ? h('button', isBusy.value ? ' wait' : ' phone') : undefined,
            error.value ? h('text', ` ${error.value.code}`) : undefined,
          ])
        }
      },
    })
    expect(text()).toBe('nobody')
    const { user } = await login.signIn()
    await nextTick()
    expect(text()).toBe(`${user.nickname} phone`)
    const binding = page?.bindPhone(await wx.tapPhoneButton())
    await nextTick()
    expect(text()).toBe(`${user.nickname} wait`)
    await binding
    await nextTick()
    expect(text()).toBe(user.nickname)
    wx.setOffline(true)
    await page?.updateProfile({ nickname: '林晓' })
    await nextTick()
    expect(text()).toBe(`${user.nickname} NETWORK`)
    wx.setOffline(false)
    unmount()
    expect(text()).toBe('')
    const before = renders
    await login.updateProfile({ nickname: '林晓' })
    await nextTick()
    expect([renders, page?.user.value?.nickname, login.user?.nickname]).toEqual([before, user.nickname, '林晓'])
  })

  it('that is opened later shows who is signed in, and loads what changed elsewhere', async () => {
    const phone = createPhone(system)
    const { login } = phone.start()
    await login.signIn()
    const { code } = system.emulator.loginCode(phone.user.id, { appid: appA.appid })
    const { accessToken } = (await system.api.login({ code })).body.data
    await system.api.post('/me', { nickname: '平板' }, { token: accessToken })
    let load: (() => Promise<unknown>) | undefined
    const { text, unmount } = mount({
      setup() {
        const { user, loadUser } = useLogin(login)
        load = loadUser
        return () => h('text', user.value?.nickname)
      },
    })
    expect(text()).toBe(login.user?.nickname)
    await load?.()
    await nextTick()
    expect(text()).toBe('平板')
    unmount()
  })
})

describe('useLogin', () => {
  it('gives refs, and verbs that move them', async () => {
    const { user, needsPhone, isBusy, error, choices, signIn, bindPhone, updateProfile, signOut, wx } = page({
      phone: '13900002001',
    })
    for (const ref of [user, needsPhone, isBusy, error, choices]) expect(isRef(ref)).toBe(true)
    expect(isReadonly(user)).toBe(true)
    const busy: boolean[] = []
    watchEffect(() => void busy.push(isBusy.value), { flush: 'sync' })
    expect((await signIn())?.outcome).toBe('created')
    expect([user.value?.phoneBound, needsPhone.value, busy]).toEqual([false, true, [false, true, false]])
    await bindPhone(await wx.tapPhoneButton())
    expect([user.value?.phoneBound, needsPhone.value]).toEqual([true, false])
    await updateProfile({ nickname: '林晓' })
    expect(user.value?.nickname).toBe('林晓')
    await signOut()
    expect([user.value, needsPhone.value, error.value]).toEqual([undefined, false, undefined])
  })

  it('shows what went wrong instead of throwing it, until the next verb', async () => {
    const { signIn, signInWithPhone, resume, error, isBusy, wx } = page({ phone: '13900002002' })
    expect(await signInWithPhone(await wx.tapPhoneButton({ allow: false }))).toBe(undefined)
    expect([error.value?.code, isBusy.value]).toEqual(['USER_REFUSED', false])
    wx.setOffline(true)
    await signIn()
    expect(error.value?.code).toBe('NETWORK')
    wx.setOffline(false)
    expect(await resume()).toBe(undefined)
    expect(error.value).toBe(undefined)
  })

  it('throws what is no error of the client', async () => {
    const { updateProfile, isBusy } = page()
    await expect(updateProfile(undefined as never)).rejects.toThrow(TypeError)
    expect(isBusy.value).toBe(false)
  })

  it('offers the choices of a conflict', async () => {
    const owner = page({ phone: '13900002003' })
    await owner.signInWithPhone(await owner.wx.tapPhoneButton())
    const { signIn, signInWithPhone, resolveConflict, choices, user, wx } = page({ phone: '13900002003' })
    await signIn()
    await signInWithPhone(await wx.tapPhoneButton())
    expect(choices.value).toEqual(['use_phone_account', 'use_wechat_account'])
    await resolveConflict('use_phone_account')
    expect([choices.value, user.value?.id]).toEqual([[], owner.user.value?.id])
  })

  it('tells why the server ended the session', async () => {
    const { phone, signIn, login, user, error } = page()
    await signIn()
    const { code } = system.emulator.loginCode(phone.user.id, { appid: appA.appid })
    const { accessToken } = (await system.api.login({ code })).body.data
    await system.api.post('/logout', { everywhere: true }, { token: accessToken })
    await login.request({ url: '/me' }).catch(() => undefined)
    expect([user.value, error.value?.code]).toEqual([undefined, 'SESSION_REVOKED'])
  })

  it('is one state for pages that are open together, and stops with its scope', async () => {
    const { login, scope, signIn, user } = page()
    const other = useLogin(login)
    await signIn()
    expect(other.user.value).toEqual(user.value)
    scope.stop()
    await other.deleteAccount()
    expect([other.user.value, user.value === undefined]).toEqual([undefined, false])
  })
})
