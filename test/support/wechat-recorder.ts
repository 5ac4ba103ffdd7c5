import { createServer } from 'node:http'
import type { SecretBook } from './secret-book.js'

/** Fields of WeChat's answers and of what it is asked, and what they are. */
const secretFields = {
  session_key: 'session_key',
  access_token: 'access token of WeChat',
  openid: 'openid',
  unionid: 'unionid',
} as const

/** Stands between a server and WeChat, hands everything on, and notes the secrets that pass. */
export async function startWechatRecorder(wechatUrl: string, book: SecretBook) {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const body = Buffer.concat(chunks)
    try {
      const answer = await fetch(wechatUrl + request.url, {
        method: request.method ?? 'GET',
        headers: { 'content-type': request.headers['content-type'] ?? 'application/json' },
        ...(body.length > 0 && { body }),
      })
      const text = await answer.text()
      noteFields(text)
      response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' }).end(text)
    } catch {
      // WeChat cut the connection: so do we.
      request.socket.destroy()
    }
  })

  function noteFields(text: string): void {
    for (const [field, kind] of Object.entries(secretFields)) {
      for (const [, value] of text.matchAll(new RegExp(`"${field}":"([^"]+)"`, 'g')))
        book.note(kind as (typeof secretFields)[keyof typeof secretFields], value)
    }
  }

  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as { port: number }).port}`,
    async close(): Promise<void> {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}
