import { Presets, SingleBar } from 'cli-progress'

/** Without a terminal a line now and then is enough. */
const lineEveryMs = 5000

/** Shows how far long work has come, how fast it is and how long it will take: a bar on a terminal, lines elsewhere. */
export interface Progress {
  update(done: number, total: number): void
  stop(): void
}

/**
 * @param what begins the line, such as `importing`
 * @param unit what is counted, such as `rows`
 */
export function createProgress(what: string, unit: string, stream: NodeJS.WriteStream = process.stderr): Progress {
  return stream.isTTY ? createBar(what, unit, stream) : createLines(what, unit, stream)
}

function createBar(what: string, unit: string, stream: NodeJS.WriteStream): Progress {
  const figuresOf = createFigures()
  const bar = new SingleBar(
    {
      stream,
      format: `${what} {bar} {percentage}% · {value}/{total} ${unit} · {rate}/s · {left} left`,
      barsize: 30,
    },
    Presets.shades_classic,
  )
  let isStarted = false
  return {
    update(done, total) {
      const figures = figuresOf(done, total)
      if (!isStarted) bar.start(total, done, figures)
      isStarted = true
      bar.update(done, figures)
    },
    stop: () => bar.stop(),
  }
}

function createLines(what: string, unit: string, stream: NodeJS.WriteStream): Progress {
  const figuresOf = createFigures()
  let toldAt = performance.now()
  return {
    update(done, total) {
      const { rate, left } = figuresOf(done, total)
      const now = performance.now()
      if (now - toldAt < lineEveryMs) return
      toldAt = now
      stream.write(`${what}: ${done}/${total} ${unit}, ${rate}/s, ${left} left\n`)
    },
    stop() {},
  }
}

/** Rate and remaining time since the first update: what an earlier run did was not done now. */
function createFigures() {
  let first: { done: number; at: number } | undefined
  return (done: number, total: number): { rate: string; left: string } => {
    const now = performance.now()
    first ??= { done, at: now }
    const perSecond = (done - first.done) / Math.max((now - first.at) / 1000, 0.001)
    const secondsLeft = perSecond > 0 ? Math.round((total - done) / perSecond) : undefined
    const rate = perSecond < 10 ? perSecond.toFixed(1) : String(Math.round(perSecond))
    return { rate, left: secondsLeft === undefined ? '?' : formatSeconds(secondsLeft) }
  }
}

function formatSeconds(seconds: number): string {
  const [minutes, rest] = [Math.floor(seconds / 60), seconds % 60]
  return minutes === 0 ? `${rest} s` : `${minutes} min ${rest} s`
}
