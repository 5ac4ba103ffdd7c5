/** Tells how far it is: a line that is overwritten on a terminal, else a line now and then. */
export function createProgress(stream = process.stdout) {
  const startedAt = Date.now()
  let done = 0
  let total = 0
  let last = ''

  function show(text) {
    if (stream.isTTY) stream.write(`\r\u001b[2K${text}`)
    else if (text !== last) stream.write(`${text}\n`)
    last = text
  }

  return {
    /** Adds to what is to be done, in seconds as they are expected. */
    expect(seconds) {
      total += seconds
    },
    step(text) {
      const share = total === 0 ? 0 : done / total
      const spent = (Date.now() - startedAt) / 1000
      const left = share > 0.02 ? `, about ${Math.ceil((spent / share - spent) / 60)} min left` : ''
      show(`[${String(Math.floor(share * 100)).padStart(3)} %${left}] ${text}`)
    },
    did(seconds) {
      done += seconds
    },
    /** Something by the way, on a terminal only. */
    say(text) {
      if (stream.isTTY) show(text)
    },
    /** A line that stays. */
    print(text) {
      if (stream.isTTY && last !== '') stream.write('\r\u001b[2K')
      stream.write(`${text}\n`)
      last = ''
    },
  }
}
