import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import type { UserAnswer } from '@mplogin/contract'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startS3 } from '../support/s3.js'
import { type System, startSystem } from '../support/system.js'

let system: System
beforeAll(async () => {
  system = await startSystem()
})
afterAll(() => system.close())

const picture = (background = '#336699', side = 300) =>
  sharp({ create: { width: side, height: side, channels: 3, background } })
    .png()
    .toBuffer()

function formOf(file: Buffer, field = 'avatar', name = 'tmp_9f3a.png'): FormData {
  const form = new FormData()
  form.append('user', 'wx.uploadFile sends formData before the file')
  form.append(field, new Blob([new Uint8Array(file)], { type: 'image/png' }), name)
  return form
}

const upload = (token: string, file: Buffer, headers: Record<string, string> = {}, of = system) =>
  of.api.post<UserAnswer>('/me/avatar', formOf(file), { token, headers })
const signIn = async (of = system) => (await of.person().login()).body.data
const look = (path: string, of = system) => fetch(of.url + path)
/** What is not needed any more is removed behind the back of the request. */
const expectGone = (path: string, of = system) => expect.poll(async () => (await look(path, of)).status).toBe(404)
const files = (of = system) => {
  const { UPLOADS_DIR: directory } = of.config.values
  return existsSync(directory) ? readdirSync(directory) : []
}
const rows = (of = system) => of.database.db.selectFrom('avatars').selectAll().execute()
const nameOf = (avatar: string) => avatar.slice('/uploads/avatars/'.length)

describe('an uploaded avatar', () => {
  it('is shown to everybody as a JPEG that no browser takes for anything else', async () => {
    const { accessToken, user } = await signIn()
    const answer = await upload(accessToken, await picture())
    expect([answer.status, answer.body.code, answer.body.msg]).toEqual([200, 'OK', '保存成功'])
    const { avatar } = answer.body.data.user
    expect(avatar).toMatch(/^\/uploads\/avatars\/[0-9a-f-]{36}\.jpg$/)
    expect(avatar).not.toContain(user.id)
    expect((await system.api.get<UserAnswer>('/me', accessToken)).body.data.user.avatar).toBe(avatar)

    const shown = await look(avatar)
    expect(shown.status).toBe(200)
    for (const [name, value] of Object.entries({
      'content-type': 'image/jpeg',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      'cross-origin-resource-policy': 'cross-origin',
      'cache-control': 'public, max-age=86400, immutable',
    })) {
      expect([name, shown.headers.get(name)]).toEqual([name, value])
    }
    const bytes = Buffer.from(await shown.arrayBuffer())
    expect(await sharp(bytes).metadata()).toMatchObject({ format: 'jpeg', width: 300, height: 300 })
    expect((await fetch(system.url + avatar, { method: 'HEAD' })).status).toBe(200)
  })

  it('takes the place of the former one, which is removed', async () => {
    const { accessToken } = await signIn()
    const first = (await upload(accessToken, await picture())).body.data.user.avatar
    const second = (await upload(accessToken, await picture('#00ff00'))).body.data.user.avatar
    expect(second).not.toBe(first)
    await expectGone(first)
    expect((await look(second)).status).toBe(200)
    expect(files()).not.toContain(nameOf(first))
    await expect.poll(async () => (await rows()).map(row => row.name)).not.toContain(nameOf(first))
  })

  it('is removed when another avatar is chosen, and stays when only the nickname changes', async () => {
    const { accessToken: token } = await signIn()
    const { avatar } = (await upload(token, await picture())).body.data.user
    await system.api.request('PATCH', '/me', { token, body: { nickname: '新名字' } })
    await system.api.request('PATCH', '/me', { token, body: { avatar } })
    expect((await look(avatar)).status).toBe(200)
    const other = await system.api.request('PATCH', '/me', { token, body: { avatar: 'https://cdn.example.com/a.png' } })
    expect(other.status).toBe(200)
    await expectGone(avatar)
    const back = await system.api.request('PATCH', '/me', { token, body: { avatar } })
    expect([back.status, back.body.code, back.body.details]).toEqual([
      400,
      'BAD_REQUEST',
      [{ path: '/avatar', message: expect.any(String) }],
    ])
  })

  it('is not to be had by another account', async () => {
    const [owner, other] = [await signIn(), await signIn()]
    const { avatar } = (await upload(owner.accessToken, await picture())).body.data.user
    const answer = await system.api.request('PATCH', '/me', { token: other.accessToken, body: { avatar } })
    expect(answer.status).toBe(400)
    await system.api.request('DELETE', '/me', { token: other.accessToken })
    expect((await look(avatar)).status).toBe(200)
  })

  it('goes with the account that is deleted, also the one of an account that was merged into it', async () => {
    const phone = '13900000001'
    const byWechat = system.person(phone)
    const wechat = (await byWechat.login()).body.data
    const ofWechat = (await upload(wechat.accessToken, await picture())).body.data.user.avatar
    const byPhone = (await system.person(phone).phoneOnly()).body.data
    const ofPhone = (await upload(byPhone.accessToken, await picture())).body.data.user.avatar
    const merged = await byWechat.loginByPhone()
    expect(merged.body.data.outcome).toBe('merged')
    expect([(await look(ofWechat)).status, (await look(ofPhone)).status]).toEqual([200, 200])
    await system.api.request('DELETE', '/me', { token: merged.body.data.accessToken })
    await expectGone(ofWechat)
    await expectGone(ofPhone)
  })

  it('is one at the end, also after eight uploads at the same moment', async () => {
    const { accessToken } = await signIn()
    const before = files().length
    const file = await picture('#ff00ff', 64)
    const answers = await Promise.all(Array.from({ length: 8 }, () => upload(accessToken, file)))
    expect(answers.map(answer => answer.status)).toEqual(Array(8).fill(200))
    const { avatar } = (await system.api.get<UserAnswer>('/me', accessToken)).body.data.user
    await upload(accessToken, file)
    await expect.poll(() => files().length).toBe(before + 1)
    await expectGone(avatar)
  })
})

describe('an upload that is refused', () => {
  const refused = async (body: unknown, headers: Record<string, string> = {}) => {
    const { accessToken: token, user } = await signIn()
    const before = files()
    const answer = await system.api.request('POST', '/me/avatar', { token, body, headers })
    expect((await system.api.get<UserAnswer>('/me', token)).body.data.user.avatar).toBe(user.avatar)
    expect(files().filter(name => !before.includes(name))).toEqual([])
    return [answer.status, answer.body.code, answer.body.msg]
  }

  it('is no picture: says so in the language asked for', async () => {
    expect(await refused(formOf(Buffer.from('<svg/>')), { 'accept-language': 'en' })).toEqual([
      400,
      'IMAGE_INVALID',
      'This picture cannot be read, please take another one (JPEG, PNG, WebP or GIF)',
    ])
    expect((await refused(formOf(Buffer.from('MZ'), 'avatar', 'virus.jpg')))[2]).toContain('无法读取该图片')
  })

  it('is larger than 2 MB, where 2 MB are taken', async () => {
    const file = await picture()
    const padded = (size: number) => Buffer.concat([file, Buffer.alloc(size - file.length)])
    const limit = 2 * 1024 * 1024
    expect((await refused(formOf(padded(limit + 1)))).slice(0, 2)).toEqual([413, 'PAYLOAD_TOO_LARGE'])
    expect((await refused(formOf(Buffer.alloc(3 * limit)))).slice(0, 2)).toEqual([413, 'PAYLOAD_TOO_LARGE'])
    const { accessToken } = await signIn()
    expect((await upload(accessToken, padded(limit))).status).toBe(200)
  })

  it('is not a form, or one without a file', async () => {
    expect((await refused({ avatar: 'x' })).slice(0, 2)).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE'])
    expect((await refused(undefined)).slice(0, 2)).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE'])
    const form = new FormData()
    form.append('avatar', 'a text')
    expect((await refused(form)).slice(0, 2)).toEqual([400, 'BAD_REQUEST'])
    expect((await refused(formOf(Buffer.alloc(0)))).slice(0, 2)).toEqual([400, 'BAD_REQUEST'])
    const many = new FormData()
    for (let i = 0; i < 100; i++) many.append(`field${i}`, 'x')
    expect((await refused(many)).slice(0, 2)).toEqual([413, 'PAYLOAD_TOO_LARGE'])
    for (const text of [
      '',
      '--x',
      '--x\r\n\r\n',
      'garbage',
      '--x\r\ncontent-disposition: form-data; name="a"\r\n\r\nb',
    ]) {
      expect((await refused(text, { 'content-type': 'multipart/form-data; boundary=x' })).slice(0, 2)).toEqual([
        400,
        'BAD_REQUEST',
      ])
    }
    const noBoundary = await refused('x', { 'content-type': 'multipart/form-data' })
    expect(noBoundary.slice(0, 2)).toEqual([400, 'BAD_REQUEST'])
  })

  it('has no token: it is refused before its file is read', async () => {
    const answer = await new Promise<number | undefined>((resolve, reject) => {
      const request = httpRequest(`${system.url}/me/avatar`, {
        method: 'POST',
        headers: { 'content-type': 'multipart/form-data; boundary=x', 'content-length': '2000000' },
      })
      request.on('response', response => {
        resolve(response.statusCode)
        request.destroy()
      })
      request.on('error', reject)
      request.write('--x\r\n')
    })
    expect(answer).toBe(401)
  })

  it('breaks off: nothing is kept', async () => {
    const { accessToken } = await signIn()
    const before = files()
    await new Promise<void>(resolve => {
      const request = httpRequest(`${system.url}/me/avatar`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${accessToken}`,
          'content-type': 'multipart/form-data; boundary=x',
          'content-length': '20000',
        },
      })
      request.on('error', () => resolve())
      request.write('--x\r\ncontent-disposition: form-data; name="avatar"; filename="a.png"\r\n\r\n\x89PNG\r\n')
      setTimeout(() => request.destroy(), 100)
    })
    expect(files().filter(name => !before.includes(name))).toEqual([])
    expect((await system.api.get('/me', accessToken)).status).toBe(200)
  })

  it('asks for a picture under a name that is none', async () => {
    for (const name of [
      'x.jpg',
      '..%2f..%2fpackage.json',
      '%00.jpg',
      `${'a'.repeat(36)}.jpg`,
      '../default-avatar.png',
    ]) {
      const answer = await look(`/uploads/avatars/${name}`)
      const isDefault = name === '../default-avatar.png'
      expect([name, answer.status]).toEqual([name, isDefault ? 200 : name.startsWith('aaa') ? 404 : 400])
      expect(answer.headers.get('content-type')).toMatch(isDefault ? /image\/png/ : /json/)
    }
  })
})

describe('failures on the way', () => {
  it('leave the account as it was when the storage does not take the picture, and nothing behind later', async () => {
    const broken = await startSystem()
    try {
      const { accessToken, user } = await signIn(broken)
      const { UPLOADS_DIR: directory } = broken.config.values
      writeFileSync(directory, 'a file where the directory should be')
      const answer = await upload(accessToken, await picture(), {}, broken)
      expect([answer.status, answer.body.code, answer.headers.get('retry-after')]).toEqual([
        503,
        'SERVICE_UNAVAILABLE',
        '5',
      ])
      expect((await broken.api.get<UserAnswer>('/me', accessToken)).body.data.user.avatar).toBe(user.avatar)
      expect(await rows(broken)).toHaveLength(1)
      rmSync(directory)
      broken.advance({ minutes: 61 })
      const again = await signIn(broken)
      expect((await upload(again.accessToken, await picture(), {}, broken)).status).toBe(200)
      await expect.poll(async () => (await rows(broken)).length).toBe(1)
      expect(files(broken)).toHaveLength(1)
    } finally {
      await broken.close()
    }
  })

  it('are tried again after an hour when a picture cannot be removed; the upload and the other pictures do not wait for it', async () => {
    const broken = await startSystem()
    try {
      const { UPLOADS_DIR: directory } = broken.config.values
      const [stuck, other] = [await signIn(broken), await signIn(broken)]
      const file = await picture()
      const first = (await upload(stuck.accessToken, file, {}, broken)).body.data.user.avatar
      const second = (await upload(other.accessToken, file, {}, broken)).body.data.user.avatar
      // What rm cannot remove: a directory under the name of the picture.
      rmSync(`${directory}/${nameOf(first)}`)
      mkdirSync(`${directory}/${nameOf(first)}`)
      expect((await upload(stuck.accessToken, file, {}, broken)).status).toBe(200)
      await expect.poll(() => broken.log.join('')).toContain('cannot be removed')
      expect((await upload(other.accessToken, file, {}, broken)).status).toBe(200)
      await expectGone(second, broken)
      await expect.poll(async () => (await rows(broken)).length).toBe(3)
      rmSync(`${directory}/${nameOf(first)}`, { recursive: true })
      broken.advance({ minutes: 61 })
      const later = await signIn(broken)
      await broken.api.request('PATCH', '/me', {
        token: later.accessToken,
        body: { avatar: '/uploads/default-avatar.png' },
      })
      await expect.poll(async () => (await rows(broken)).length).toBe(2)
      expect(files(broken)).toHaveLength(2)
    } finally {
      await broken.close()
    }
  })
})

describe('uploads', () => {
  it('are limited by account, whatever address they come from', async () => {
    const limited = await startSystem({ env: { RATE_LIMIT_PER_MINUTE: '1000' } })
    try {
      const [busy, other] = [await signIn(limited), await signIn(limited)]
      const file = await picture('#123456', 32)
      for (let i = 0; i < 10; i++) expect((await upload(busy.accessToken, file, {}, limited)).status).toBe(200)
      const answer = await upload(busy.accessToken, file, {}, limited)
      expect([answer.status, answer.body.code]).toEqual([429, 'RATE_LIMITED'])
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
      expect((await upload(other.accessToken, file, {}, limited)).status).toBe(200)
    } finally {
      await limited.close()
    }
  })

  it('go into a bucket when the settings name one, and are read from there', async () => {
    const s3 = await startS3()
    const stored = await startSystem({
      env: {
        UPLOADS_S3_URL: s3.bucket,
        UPLOADS_S3_REGION: s3.region,
        UPLOADS_S3_KEY_ID: s3.accessKeyId,
        UPLOADS_S3_SECRET: s3.secretAccessKey,
      },
    })
    try {
      const { accessToken: token } = await signIn(stored)
      const first = (await upload(token, await picture(), {}, stored)).body.data.user.avatar
      expect((await look(first, stored)).headers.get('content-type')).toBe('image/jpeg')
      const second = (await upload(token, await picture(), {}, stored)).body.data.user.avatar
      await expectGone(first, stored)
      expect((await look(second, stored)).status).toBe(200)
      await stored.api.request('DELETE', '/me', { token })
      await expectGone(second, stored)
      expect(files(stored)).toEqual([])
    } finally {
      await stored.close()
      await s3.close()
    }
  })
})
