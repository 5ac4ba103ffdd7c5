import type { Failure, Success } from '@mplogin/contract'
import { callsSince, emulatorUrl } from './emulator.js'
import { shorten, useTimeline } from './timeline.js'

const timeline = useTimeline()

/**
 * The network of the virtual phones: what goes through it is shown in the timeline, with the calls to WeChat that it led to.
 * What it asks of the emulator is what WeChat's own side does on a phone.
 */
export const recordingFetch: typeof fetch = async (input, init) => {
  const url = new URL(String(input))
  if (url.origin === emulatorUrl()) return recordStep(url, await fetch(url, init))
  const startedAt = performance.now()
  const record = async (status: number, result: string, received: unknown) => {
    const ms = Math.round(performance.now() - startedAt)
    timeline.addRequest({
      method: init?.method ?? 'GET',
      path: url.pathname,
      sent: shorten(sentBody(init?.body)),
      status,
      result,
      ms,
      received: shorten(received),
      wechatCalls: await callsSince(),
    })
  }
  try {
    const response = await fetch(url, init)
    const answer = (await response.clone().json()) as Success<{ outcome?: string }> | Failure
    await record(response.status, 'data' in answer ? (answer.data.outcome ?? answer.code) : answer.code, answer)
    return response
  } catch (error) {
    await record(0, 'NETWORK', null)
    throw error
  }
}

async function recordStep({ pathname }: URL, response: Response): Promise<Response> {
  if (pathname.endsWith('/login-code')) timeline.addStep('login')
  else if (response.ok) timeline.addStep('phone')
  else timeline.addStep('phone-failed', ((await response.clone().json()) as { errMsg: string }).errMsg)
  return response
}

function sentBody(body: unknown): unknown {
  return typeof body === 'string' ? JSON.parse(body) : undefined
}
