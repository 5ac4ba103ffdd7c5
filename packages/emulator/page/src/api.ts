import type { Overview } from '../../src/control/overview.js'
import type { Fault } from '../../src/faults/fault.js'
import type { UserChange, UserInput } from '../../src/world/types.js'

/** Which code a virtual phone gets. */
export type CodeKind = 'login' | 'phone' | 'realtime'

/** Asks a control route. @throws Error with what the emulator said */
async function ask<T>(method: string, path: string, body?: unknown): Promise<T> {
  const response = await fetch(`/_emulator${path}`, {
    method,
    ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  })
  const answer = await response.json()
  if (!response.ok) throw new Error(answer.errMsg ? `${answer.errMsg} ${answer.errno ?? ''}` : answer.message)
  return answer
}

export const emulator = {
  overview: () => ask<Overview>('GET', '/overview'),
  createUser: (user: UserInput) => ask('POST', '/users', user),
  changeUser: (id: string, change: UserChange) => ask('PATCH', `/users/${encodeURIComponent(id)}`, change),
  async code(kind: CodeKind, userId: string, appid: string): Promise<string> {
    const path = `/users/${encodeURIComponent(userId)}/${kind === 'login' ? 'login' : 'phone'}-code`
    const { code } = await ask<{ code: string }>('POST', path, {
      appid,
      ...(kind === 'realtime' && { realtime: true }),
    })
    return code
  },
  addFault: (fault: Fault) => ask('POST', '/faults', fault),
  removeFault: (id: string) => ask('DELETE', `/faults/${encodeURIComponent(id)}`),
  changeSettings: (change: object) => ask('POST', '/settings', change),
  advanceClock: (advanceSeconds: number) => ask('POST', '/clock', { advanceSeconds }),
  reset: () => ask('POST', '/reset'),
}
