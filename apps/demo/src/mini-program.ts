import type {
  BindPhoneAnswer,
  ConflictChoice,
  LoginAnswer,
  Outcome,
  Session,
  SessionsAnswer,
  TokenPair,
  UserAnswer,
} from '@mplogin/contract'
import { computed, reactive, ref, watch } from 'vue'
import { type ApiRequest, type ApiResult, callApi } from './api.js'
import { useBackstage } from './backstage.js'
import { tapPhoneButton, wxLogin } from './emulator.js'
import { useGuide } from './guide.js'
import { useLanguage } from './language.js'
import { usePeople } from './people.js'
import { loadSession, type StoredSession, storeSession, toSession } from './session-store.js'
import { useTimeline } from './timeline.js'

/** Why the phone button gave no code; each has its own words. */
export type PhoneRefusal = 'refused' | 'noPermission' | 'noPhoneBound' | 'noQuota'

const { t } = useLanguage()
const { personId, appid } = usePeople()
const timeline = useTimeline()
const backstage = useBackstage()
const guide = useGuide()

const session = ref<StoredSession>()
const devices = ref<Session[]>([])
const isBusy = ref(false)
const toast = ref('')
const state = reactive({
  /** What the phone is asked for while WeChat's sheet is open. */
  sheet: undefined as 'login' | 'bind' | undefined,
  refusal: undefined as PhoneRefusal | undefined,
  conflict: undefined as { ticket: string; choices: readonly ConflictChoice[] } | undefined,
})

/** The mini program on the virtual phone: what its pages show and do. */
export function useMiniProgram() {
  return {
    session,
    devices,
    isBusy,
    toast,
    state,
    user: computed(() => session.value?.user),

    loginByWechat: () =>
      once(async () => {
        const code = await getLoginCode()
        const result = await callApi<LoginAnswer>({ ...attempt(), path: '/login', body: { code, appid: appid.value } })
        if (await settleLogin(result)) guide.tick('openid')
      }),

    openPhoneSheet(purpose: 'login' | 'bind'): void {
      state.refusal = undefined
      state.sheet = purpose
    },

    denyPhone(): void {
      timeline.addStep('phone-failed', 'getPhoneNumber:fail user deny')
      state.sheet = undefined
      state.refusal = 'refused'
    },

    allowPhone: () =>
      once(async () => {
        const purpose = state.sheet
        state.sheet = undefined
        const code = await getPhoneCode()
        if (code === undefined) return
        const isSettled = purpose === 'bind' ? await bindPhone(code) : await loginByPhone(code)
        if (isSettled) guide.tick('phone')
      }),

    resolveConflict: (choice: ConflictChoice) =>
      once(async () => {
        const ticket = state.conflict?.ticket
        state.conflict = undefined
        const result = await callApi<LoginAnswer>({
          method: 'POST',
          path: '/conflicts/resolve',
          body: { ticket, choice },
        })
        if (await settleLogin(result)) guide.tick('phone')
      }),

    rename: (nickname: string) =>
      once(async () => {
        const result = await authorized<UserAnswer>({ method: 'PATCH', path: '/me', body: { nickname } })
        if (result.ok) keepUser(result.data.user)
        else say(result.msg)
      }),

    refresh: () => once(async () => void (await rotate())),

    logout: () =>
      once(async () => {
        await authorized({ method: 'POST', path: '/logout', body: {} })
        keep(undefined)
        say(t.value.loggedOut)
      }),

    deleteAccount: () =>
      once(async () => {
        const result = await authorized({ method: 'DELETE', path: '/me' })
        if (result.ok) keep(undefined)
        say(result.ok ? t.value.deleted : result.msg)
      }),
  }
}

// Another phone in the hand, or another app: its own login.
watch([personId, appid], () => {
  session.value = loadSession(personId.value, appid.value)
  Object.assign(state, { sheet: undefined, refusal: undefined, conflict: undefined })
  void loadDevices()
})

/** One thing at a time: a second tap while a call is under way does nothing. */
async function once(work: () => Promise<void>): Promise<void> {
  if (isBusy.value) return
  isBusy.value = true
  try {
    await work()
    await backstage.refresh()
  } catch {
    say(t.value.network)
  } finally {
    isBusy.value = false
  }
}

/** A random key for one attempt to log in: a repeat of it, by whoever is in between, is the same login. */
function attempt(): Pick<ApiRequest, 'method' | 'idempotencyKey'> {
  return { method: 'POST', idempotencyKey: crypto.randomUUID() }
}

async function getLoginCode(): Promise<string> {
  const code = await wxLogin(personId.value, appid.value)
  timeline.addStep('login')
  return code
}

async function getPhoneCode(): Promise<string | undefined> {
  const tap = await tapPhoneButton(personId.value, appid.value)
  if (tap.ok) {
    timeline.addStep('phone')
    return tap.code
  }
  timeline.addStep('phone-failed', tap.errMsg)
  state.refusal =
    tap.errno === 1400001 ? 'noQuota' : tap.errMsg.includes('no permission') ? 'noPermission' : 'noPhoneBound'
  return undefined
}

async function loginByPhone(code: string): Promise<boolean> {
  const loginCode = await getLoginCode()
  return settleLogin(
    await callApi<LoginAnswer>({ ...attempt(), path: '/loginByPhone', body: { code, loginCode, appid: appid.value } }),
  )
}

async function bindPhone(code: string): Promise<boolean> {
  const result = await authorized<BindPhoneAnswer>({ method: 'POST', path: '/bindPhone', body: { code } })
  if (!result.ok) return showFailure(result)
  keepUser(result.data.user)
  welcome(result.data.outcome)
  return true
}

async function settleLogin(result: ApiResult<LoginAnswer>): Promise<boolean> {
  if (!result.ok) return showFailure(result)
  keep(toSession(result.data, result.data.user))
  welcome(result.data.outcome)
  await loadDevices()
  return true
}

function showFailure(result: ApiResult<unknown>): false {
  if (result.ok) return false
  if (result.conflict) state.conflict = result.conflict
  else say(result.msg)
  return false
}

/** Calls with the access token; one that is over is refreshed once and the call made again. */
async function authorized<T>(request: ApiRequest): Promise<ApiResult<T>> {
  const withToken = () => ({ ...request, ...(session.value && { token: session.value.accessToken }) })
  const result = await callApi<T>(withToken())
  if (
    result.ok ||
    (result.code !== 'TOKEN_EXPIRED' && result.code !== 'SESSION_REVOKED' && result.code !== 'UNAUTHENTICATED')
  )
    return result
  if (result.code === 'TOKEN_EXPIRED' && (await rotate())) return callApi<T>(withToken())
  keep(undefined)
  say(t.value.sessionEnded)
  return result
}

async function rotate(): Promise<boolean> {
  const current = session.value
  if (!current) return false
  const result = await callApi<TokenPair>({
    method: 'POST',
    path: '/token/refresh',
    body: { refreshToken: current.refreshToken },
  })
  if (result.ok) {
    keep(toSession(result.data, current.user))
    return true
  }
  say(result.msg)
  // Losing the network keeps the login, a refused refresh ends it.
  if (result.code !== 'NETWORK') keep(undefined)
  return false
}

async function loadDevices(): Promise<void> {
  devices.value = []
  if (!session.value) return
  const result = await authorized<SessionsAnswer>({ method: 'GET', path: '/me/sessions' })
  if (result.ok) devices.value = result.data.sessions
}

function keep(next: StoredSession | undefined): void {
  session.value = next
  storeSession(personId.value, appid.value, next)
  if (!next) devices.value = []
}

function keepUser(user: StoredSession['user']): void {
  if (session.value) keep({ ...session.value, user })
}

function welcome(outcome: Outcome): void {
  say(t.value.outcomes[outcome])
}

let toastTimer = 0
function say(text: string): void {
  toast.value = text
  clearTimeout(toastTimer)
  toastTimer = window.setTimeout(() => {
    toast.value = ''
  }, 3500)
}
