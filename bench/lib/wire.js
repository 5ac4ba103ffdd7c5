/**
 * Reads HTTP/1.1 messages, requests or responses, as they come in over a socket. As little as the bench needs: a body has
 * a content-length, is chunked, or is none.
 *
 * @param onMessage called with the head (start line and headers, without the empty line) and the body, both latin1 texts
 * @returns takes the chunks of the socket
 */
export function createReader(onMessage) {
  let pending = ''
  return chunk => {
    pending += chunk.latin1Slice()
    for (;;) {
      const message = readMessage(pending)
      if (!message) return
      pending = pending.slice(message.end)
      onMessage(message.head, message.body)
    }
  }
}

function readMessage(text) {
  const headEnd = text.indexOf('\r\n\r\n')
  if (headEnd < 0) return undefined
  const head = text.slice(0, headEnd)
  const start = headEnd + 4
  const [, length] = /\r\ncontent-length: *(\d+)/i.exec(head) ?? []
  if (length === undefined && /\r\ntransfer-encoding: *chunked/i.test(head)) return readChunks(text, head, start)
  const end = start + Number(length ?? 0)
  return text.length < end ? undefined : { head, body: text.slice(start, end), end }
}

function readChunks(text, head, start) {
  let body = ''
  for (let at = start; ; ) {
    const lineEnd = text.indexOf('\r\n', at)
    if (lineEnd < 0) return undefined
    const size = Number.parseInt(text.slice(at, lineEnd), 16)
    const chunkEnd = lineEnd + 2 + size
    if (text.length < chunkEnd + 2) return undefined
    if (size === 0) return { head, body, end: chunkEnd + 2 }
    body += text.slice(lineEnd + 2, chunkEnd)
    at = chunkEnd + 2
  }
}

/** A request as text; a body is sent as JSON. */
export function requestText(method, target, { headers = {}, body } = {}) {
  const json = body === undefined ? '' : JSON.stringify(body)
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  const about = body === undefined ? '' : `content-type: application/json\r\ncontent-length: ${json.length}\r\n`
  return `${method} ${target} HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: application/json\r\n${lines.join('')}${about}\r\n${json}`
}
