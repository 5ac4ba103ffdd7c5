import { reactive } from 'vue'

/** Who talks to whom. */
export type Party = 'client' | 'server' | 'wechat'

/** A call from the server to WeChat, as the emulator recorded it. */
export interface WechatCall {
  readonly id: number
  readonly durationMs: number
  readonly method: string
  readonly path: string
  readonly errcode: number | null
  readonly why: string
}

/** A step of the mini program itself: `wx.login`, or a tap on the phone button. */
export interface ClientStep {
  readonly kind: 'step'
  readonly id: number
  readonly step: 'login' | 'phone' | 'phone-failed'
  readonly note: string
}

/** A request from the mini program to the server, with the calls to WeChat that it led to. */
export interface ServerRequest {
  readonly kind: 'request'
  readonly id: number
  readonly method: string
  readonly path: string
  readonly sent: unknown
  status: number
  /** Outcome or error code. */
  result: string
  ms: number
  received: unknown
  wechatCalls: readonly WechatCall[]
}

export type TimelineEntry = ClientStep | ServerRequest

const keptEntries = 60
const entries = reactive<TimelineEntry[]>([])
let lastId = 0

/** Everything that happened, the newest first. */
export function useTimeline() {
  return {
    entries,
    clear: () => entries.splice(0),
    addStep(step: ClientStep['step'], note = ''): void {
      add({ kind: 'step', id: ++lastId, step, note })
    },
    addRequest(request: Omit<ServerRequest, 'kind' | 'id'>): void {
      add({ kind: 'request', id: ++lastId, ...request })
    },
  }
}

function add(entry: TimelineEntry): void {
  entries.unshift(entry)
  entries.splice(keptEntries)
}

const hidden = new Set(['accessToken', 'refreshToken', 'code', 'loginCode', 'ticket'])

/** A body as it may be shown: of tokens, codes and tickets the beginning only. */
export function shorten(body: unknown): unknown {
  if (Array.isArray(body)) return body.map(shorten)
  if (typeof body !== 'object' || body === null) return body
  return Object.fromEntries(
    Object.entries(body).map(([key, value]) => [
      key,
      hidden.has(key) && typeof value === 'string' && value.length > 24 ? `${value.slice(0, 8)}…` : shorten(value),
    ]),
  )
}
