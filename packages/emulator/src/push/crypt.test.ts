import { createDecipheriv } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { encryptMessage, signParts } from './crypt.js'

// The samples of WeChat's page on message push.
const token = 'AAAAA'
const encodingAESKey = 'A'.repeat(43)
const appid = 'wxba5fad812f8e6fb9'
const pushed =
  '+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/ohsOzQHi8khUOb05JCpj0JB4RvQMkUyus8TPxLKJGQqcvZqzDpVzazhZv6JsXUnnR8XGT740XgXZUXQ7vJVnAG+tE8NUd4yFyjPy7GgiaviNrlCTj+l5kdfMuFUPpRSrfMZuMcp3Fn2Pede2IuQrKEYwKSqFIZoNqJ4M8EajAsjLY2km32IIjdf8YL/P50F7mStwntrA2cPDrM1kb6mOcfBgRtWygb3VIYnSeOBrebufAlr7F9mFUPAJGj04='
const text =
  '{"ToUserName":"gh_97417a04a28d","FromUserName":"o9AgO5Kd5ggOC-bXrbNODIiE3bGY","CreateTime":1714112445,"MsgType":"event","Event":"debug_demo","debug_str":"hello world"}'

describe('the signature of a push', () => {
  it.each([
    ['of the echostr', ['1714036504', '1514711492'], 'f464b24fc39322e44b38aa78f5edd27bd1441696'],
    ['in plain text', ['1714037059', '486452656'], '899cf89e464efb63f54ddac96b0a0a235f53aa78'],
    ['in the AES mode', ['1714112445', '415670741'], '6c5c811b55cc85e0e1b54100749188c20beb3f5d'],
    ['over the encrypted text', ['1714112445', '415670741', pushed], '046e02f8204d34f8ba5fa3b1db94908f3df2e9b3'],
  ])('%s is that of WeChat’s sample', (_title, parts, signature) => {
    expect(signParts(token, ...parts)).toBe(signature)
  })
})

describe('a text in the AES mode', () => {
  it('is that of WeChat’s sample, byte for byte', () => {
    const key = Buffer.from(`${encodingAESKey}=`, 'base64')
    const decipher = createDecipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false)
    const salt = Buffer.concat([decipher.update(pushed, 'base64'), decipher.final()]).subarray(0, 16)
    expect(encryptMessage(text, { encodingAESKey, appid, salt })).toBe(pushed)
    const reply = '{"demo_resp":"good luck"}'
    expect(encryptMessage(reply, { encodingAESKey, appid, salt: Buffer.from('707722b803182950') })).toBe(
      'ELGduP2YcVatjqIS+eZbp80MNLoAUWvzzyJxgGzxZO/5sAvd070Bs6qrLARC9nVHm48Y4hyRbtzve1L32tmxSQ==',
    )
  })
})
