import { EmulatorError } from '../emulator-error.js'

/** A misbehaviour of one endpoint, for some of its next calls. */
export interface Fault extends Bend {
  /** The endpoint, such as /sns/jscode2session. */
  readonly path: string
  /** For so many calls. Default 1; with `chance` without end. */
  readonly times?: number | undefined
  /** How likely it bends a call, above 0 up to 1; 1 bends every call until the fault is removed. */
  readonly chance?: number | undefined
  /** The same seed bends the same calls. Default 1. */
  readonly seed?: number | undefined
}

/** What a fault does to an answer; several together where they do not exclude each other. */
export interface Bend {
  /** Answer this errcode with WeChat's text of it. */
  readonly errcode?: number | undefined
  /** Answer this HTTP status; alone, with a page instead of JSON. */
  readonly status?: number | undefined
  /** Answer later; alone, the right answer comes late. */
  readonly delayMs?: number | undefined
  /** Answer this text. */
  readonly body?: string | undefined
  /** Answer a page instead of JSON, as a proxy in between does. */
  readonly html?: boolean | undefined
  /** Answer JSON with the right names and values of other kinds. */
  readonly wrong?: boolean | undefined
  /** Cut the connection before anything is answered. */
  readonly reset?: boolean | undefined
  /** Answer half of it and cut the connection. */
  readonly half?: boolean | undefined
  /** Answer byte by byte, with so many milliseconds between them. */
  readonly trickleMs?: number | undefined
  /**
   * WeChat did its work all the same (a code is spent), only the answer is lost or bent. Default false for what stands in place
   * of the right answer (`errcode`, `status`, `body`, `html`, `reset`); the others always work on the right answer.
   */
  readonly effect?: boolean | undefined
}

/** Whether a fault answers in the endpoint's place, whose right answer is not made then. */
export function replacesAnswer({ errcode, status, body, html, reset, wrong }: Bend): boolean {
  if (wrong) return false
  return errcode !== undefined || status !== undefined || body !== undefined || html === true || reset === true
}

/** @throws EmulatorError BAD_REQUEST when a fault bends nothing, or cannot be what it says */
export function checkFault(fault: Fault): void {
  const { times = 1, chance = 1, errcode, body, html, wrong, half, trickleMs, delayMs, reset } = fault
  const expected = (what: string) => new EmulatorError('BAD_REQUEST', what)
  if (!Number.isInteger(times) || times < 1) throw expected('times: expected a whole number from 1')
  if (!(chance > 0 && chance <= 1)) throw expected('chance: expected a number above 0 up to 1')
  if (!replacesAnswer(fault) && !wrong && !half && trickleMs === undefined && delayMs === undefined)
    throw expected('expected one of errcode, status, delayMs, body, html, wrong, reset, half, trickleMs')
  const contents = [errcode !== undefined, body !== undefined, html === true, wrong === true].filter(Boolean)
  if (contents.length > 1) throw expected('expected one of errcode, body, html, wrong: they are all the content')
  if (reset && (half || trickleMs !== undefined || contents.length > 0))
    throw expected('reset: expected no other answer beside it')
}

/** One sentence for whoever watches. */
export function describeFault({ errcode, status, body, html, wrong, reset, half, trickleMs, delayMs }: Bend): string {
  const parts = [
    errcode !== undefined && `errcode ${errcode}`,
    body !== undefined && 'another body',
    html && 'a page of HTML',
    wrong && 'values of other kinds',
    status !== undefined && `HTTP ${status}`,
    half && 'half of the answer',
    trickleMs !== undefined && 'byte by byte',
    delayMs !== undefined && `${delayMs} ms late`,
    reset && 'the connection was cut',
  ]
  return `a fault that was asked for: ${parts.filter(Boolean).join(', ')}`
}
