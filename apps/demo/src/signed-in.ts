import type { Session, SessionsAnswer, TokenPair, User } from '@mplogin/contract'
import { ref } from 'vue'
import { type ApiRequest, type ApiResult, callApi } from './api.js'
import { useLanguage } from './language.js'
import { usePeople } from './people.js'
import { loadSession, type StoredSession, storeSession, toSession } from './session-store.js'
import { useToast } from './toast.js'

const { t } = useLanguage()
const { personId, appid } = usePeople()
const { say } = useToast()

const session = ref<StoredSession>()
const devices = ref<Session[]>([])

/** The login of the phone in the hand, and requests made with it. */
export function useSignedIn() {
  return { session, devices, keep, keepUser, load, loadDevices, authorized, rotate }
}

/** Takes up the login of another phone, or of another app. */
function load(): void {
  session.value = loadSession(personId.value, appid.value)
  void loadDevices()
}

function keep(next: StoredSession | undefined): void {
  session.value = next
  storeSession(personId.value, appid.value, next)
  if (!next) devices.value = []
}

function keepUser(user: User): void {
  if (session.value) keep({ ...session.value, user })
}

async function loadDevices(): Promise<void> {
  devices.value = []
  if (!session.value) return
  const result = await authorized<SessionsAnswer>({ method: 'GET', path: '/me/sessions' })
  if (result.ok) devices.value = result.data.sessions
}

/** Calls with the access token; one that is over is refreshed once and the call made again. */
async function authorized<T>(request: ApiRequest): Promise<ApiResult<T>> {
  const withToken = () => ({ ...request, ...(session.value && { token: session.value.accessToken }) })
  const result = await callApi<T>(withToken())
  if (result.ok) return result
  switch (result.code) {
    case 'TOKEN_EXPIRED':
      return (await rotate()) ? callApi<T>(withToken()) : result
    case 'SESSION_REVOKED':
    case 'UNAUTHENTICATED':
      keep(undefined)
      say(t.value.sessionEnded)
      return result
    default:
      return result
  }
}

/** Trades the refresh token. Losing the network keeps the login, a refused refresh ends it. */
async function rotate(): Promise<boolean> {
  const current = session.value
  if (!current) return false
  const body = { refreshToken: current.refreshToken }
  const result = await callApi<TokenPair>({ method: 'POST', path: '/token/refresh', body })
  if (result.ok) {
    keep(toSession(result.data, current.user))
    return true
  }
  say(result.msg)
  if (result.code !== 'NETWORK') keep(undefined)
  return false
}
