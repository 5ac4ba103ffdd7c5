/** A misbehaviour of one endpoint, for so many of its next calls. */
export interface Fault {
  /** The endpoint, such as /sns/jscode2session. */
  readonly path: string
  /** Default 1. */
  readonly times?: number
  /** Answer this errcode with WeChat's text of it. */
  readonly errcode?: number
  /** Answer this HTTP status with a page instead of JSON. */
  readonly status?: number
  /** Answer later; alone, the right answer comes late. */
  readonly delayMs?: number
  /** Answer this text. */
  readonly body?: string
  /** Cut the connection. */
  readonly reset?: boolean
}

/** Whether a fault answers in the endpoint's place; otherwise the right answer only comes late. */
export function replacesAnswer({ errcode, status, body, reset }: Fault): boolean {
  return errcode !== undefined || status !== undefined || body !== undefined || reset === true
}

/** One sentence for whoever watches. */
export function describeFault(fault: Fault | undefined): string {
  if (fault?.reset) return 'a fault that was asked for: the connection was cut'
  return `a fault that was asked for: ${fault?.body === undefined ? `HTTP ${fault?.status}` : 'another body'}`
}
