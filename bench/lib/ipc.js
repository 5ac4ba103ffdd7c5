/** Lets the parent process ask for verbs of this one. The channel does not keep the process alive. */
export function answerParent(verbs) {
  process.on('message', async message => {
    const { ask, id, value } = message ?? {}
    if (!(ask in verbs)) return
    try {
      process.send({ id, result: await verbs[ask](value) })
    } catch (error) {
      process.send({ id, error: String(error?.stack ?? error) })
    }
  })
  process.channel?.unref()
}

/** Asks verbs of a child process; what is not answered because the child ends is refused. */
export function createAsker(child) {
  const waiting = new Map()
  let lastId = 0
  child.on('message', ({ id, result, error }) => {
    const { resolve, reject } = waiting.get(id) ?? {}
    waiting.delete(id)
    if (error === undefined) resolve?.(result)
    else reject?.(new Error(error))
  })
  child.on('exit', () => {
    for (const { reject } of waiting.values()) reject(new Error('the process has ended'))
    waiting.clear()
  })
  return (ask, value) =>
    new Promise((resolve, reject) => {
      const id = ++lastId
      waiting.set(id, { resolve, reject })
      child.send({ ask, id, value }, error => error && reject(error))
    })
}
