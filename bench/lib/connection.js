import { connect } from 'node:net'
import { createReader } from './wire.js'

/**
 * One keep-alive connection with one request under way at most.
 *
 * @returns `send(text, onAnswer)`: `onAnswer(status, body)` is called once, with status 0 when the connection broke
 */
export function createConnection(port) {
  let socket
  let waiting
  let isClosed = false

  function settle(status, body) {
    const onAnswer = waiting
    waiting = undefined
    onAnswer?.(status, body)
  }

  function open() {
    socket = connect({ port, host: '127.0.0.1', noDelay: true })
    socket.on(
      'data',
      createReader((head, body) => settle(Number(head.slice(9, 12)), body)),
    )
    socket.on('error', () => {})
    socket.on('close', () => {
      if (!isClosed) open()
      settle(0, 'the connection broke')
    })
  }

  open()
  return {
    send(text, onAnswer) {
      waiting = onAnswer
      socket.write(text, 'latin1')
    },
    close() {
      isClosed = true
      socket.destroy()
    },
  }
}
