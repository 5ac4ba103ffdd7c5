import type { LoginAnswer } from '@mplogin/contract'
import type { TokenChange, WechatCall } from '@mplogin/wechat'
import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client'

const secondsBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/**
 * The figures at `/metrics`. Labels come from small fixed sets; nothing in them names a person.
 *
 * @param collect where the text comes from when other processes measure too
 */
export function createMetrics(collect?: (registry: Registry) => () => Promise<string>) {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  const logins = new Counter({
    name: 'mplogin_logins_total',
    help: 'Logins that succeeded, by what was proven and how it ended',
    labelNames: ['by', 'outcome'],
    registers,
  })
  const requests = new Histogram({
    name: 'mplogin_http_request_duration_seconds',
    help: 'Answered requests by route and status',
    labelNames: ['method', 'route', 'status'],
    buckets: secondsBuckets,
    registers,
  })
  const wechatCalls = new Histogram({
    name: 'mplogin_wechat_call_duration_seconds',
    help: 'Calls to WeChat by path and errcode (or the kind of failure where there is none)',
    labelNames: ['appid', 'path', 'result'],
    buckets: secondsBuckets,
    registers,
  })
  const tokenChanges = new Counter({
    name: 'mplogin_wechat_token_changes_total',
    help: "Changes of WeChat's access token in this process: why, and whether WeChat was asked or another process's was adopted",
    labelNames: ['appid', 'cause', 'how'],
    registers,
  })

  return {
    contentType: registry.contentType,
    text: collect?.(registry) ?? (() => registry.metrics()),
    /** Counts a login and hands its answer on. */
    countLogin(by: 'openid' | 'phone' | 'choice', answer: LoginAnswer): LoginAnswer {
      logins.inc({ by, outcome: answer.outcome })
      return answer
    },
    observeRequest(labels: { method: string; route: string; status: number }, durationMs: number): void {
      requests.observe(labels, durationMs / 1000)
    },
    countTokenChange({ appid, cause, how }: TokenChange): void {
      tokenChanges.inc({ appid, cause, how })
    },
    observeWechatCall(call: WechatCall): void {
      const result = String(call.errcode ?? call.failure ?? 0)
      wechatCalls.observe({ appid: call.appid, path: call.path, result }, call.durationMs / 1000)
    },
  }
}

export type Metrics = ReturnType<typeof createMetrics>
