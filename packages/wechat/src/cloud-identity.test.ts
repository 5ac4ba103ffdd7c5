import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { type CloudHeaders, type CloudIdentity, readCloudIdentity } from './cloud-identity.js'

const headers = {
  'x-wx-source': 'wx_client',
  'x-wx-openid': 'oUser-1_',
  'x-wx-appid': 'wx1111111111111111',
}

describe('readCloudIdentity', () => {
  it('reads who called', () => {
    expect(readCloudIdentity(headers)).toEqual({
      openid: 'oUser-1_',
      appid: 'wx1111111111111111',
      source: 'wx_client',
    })
  })

  it('reads names in any case, and what else WeChat tells', () => {
    expect(
      readCloudIdentity({
        'X-WX-SOURCE': 'wx_client',
        'X-WX-OPENID': 'oUser',
        'X-WX-APPID': 'wx1',
        'X-WX-UNIONID': 'uUser',
        'X-WX-ENV': 'prod-1',
        'X-WX-FROM-OPENID': 'oCaller',
        'X-WX-FROM-APPID': 'wx2',
        'X-WX-FROM-UNIONID': 'uCaller',
        'X-Original-Forwarded-For': '203.0.113.9, 10.0.0.1',
      }),
    ).toEqual({
      openid: 'oUser',
      appid: 'wx1',
      unionid: 'uUser',
      source: 'wx_client',
      env: 'prod-1',
      from: { openid: 'oCaller', appid: 'wx2', unionid: 'uCaller' },
      forwardedFor: '203.0.113.9, 10.0.0.1',
    })
  })

  it('knows the caller of a shared environment when WeChat tells no other', () => {
    expect(
      readCloudIdentity({ 'x-wx-source': 'wx_client', 'x-wx-from-openid': 'oCaller', 'x-wx-from-appid': 'wx2' }),
    ).toEqual({ openid: 'oCaller', appid: 'wx2', source: 'wx_client' })
  })

  it.each<[string, CloudHeaders]>([
    ['there is no X-WX-SOURCE', { ...headers, 'x-wx-source': undefined }],
    ['X-WX-SOURCE is empty', { ...headers, 'x-wx-source': '' }],
    ['there is no openid', { ...headers, 'x-wx-openid': undefined }],
    ['the openid is empty', { ...headers, 'x-wx-openid': '' }],
    ['there is no appid', { ...headers, 'x-wx-appid': undefined }],
    ['the openid came twice', { ...headers, 'x-wx-openid': ['oUser', 'oVictim'] }],
    ['the openid came twice in two spellings', { ...headers, 'X-WX-OPENID': 'oVictim' }],
    ['the source came twice', { ...headers, 'x-wx-source': ['wx_client', 'wx_client'] }],
    ['the openid is no id', { ...headers, 'x-wx-openid': 'oUser, oVictim' }],
    ['the openid is too long', { ...headers, 'x-wx-openid': 'o'.repeat(129) }],
    ['there are no headers', {}],
  ])('is undefined when %s', (_name, given) => {
    expect(readCloudIdentity(given)).toBeUndefined()
  })

  it('leaves out a unionid that is none', () => {
    expect(readCloudIdentity({ ...headers, 'x-wx-unionid': '' })).not.toHaveProperty('unionid')
  })

  it('does not believe an openid that came twice over the wire, as Node joins it', async () => {
    const seen: (CloudIdentity | undefined)[] = []
    const server = createServer((request, response) => {
      seen.push(readCloudIdentity(request.headers))
      response.end()
    })
    await new Promise<void>(resolve => {
      server.listen(0, '127.0.0.1', resolve)
    })
    const send = (lines: string[]) =>
      new Promise(resolve => {
        const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
        socket.once('data', () => socket.end(resolve as () => void))
        socket.write(['GET / HTTP/1.1', 'Host: x', ...lines, '', ''].join('\r\n'))
      })
    const lines = ['X-WX-SOURCE: wx_client', 'X-WX-OPENID: oUser', 'X-WX-APPID: wx1']
    await send(lines)
    await send([...lines, 'X-WX-OPENID: oVictim'])
    server.closeAllConnections()
    server.close()
    expect(seen).toEqual([{ openid: 'oUser', appid: 'wx1', source: 'wx_client' }, undefined])
  })
})
