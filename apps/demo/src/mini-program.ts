import type { BindPhoneAnswer, ConflictChoice, LoginAnswer, Outcome, UserAnswer } from '@mplogin/contract'
import { computed, reactive, ref, watch } from 'vue'
import { type ApiRequest, type ApiResult, callApi } from './api.js'
import { useBackstage } from './backstage.js'
import { tapPhoneButton, wxLogin } from './emulator.js'
import { useGuide } from './guide.js'
import { useLanguage } from './language.js'
import { usePeople } from './people.js'
import { toSession } from './session-store.js'
import { useSignedIn } from './signed-in.js'
import { useTimeline } from './timeline.js'
import { useToast } from './toast.js'

/** Why the phone button gave no code; each has its own words. */
export type PhoneRefusal = 'refused' | 'noPermission' | 'noPhoneBound' | 'noQuota'

const { t } = useLanguage()
const { personId, appid } = usePeople()
const timeline = useTimeline()
const backstage = useBackstage()
const guide = useGuide()
const { toast, say } = useToast()
const { session, devices, keep, keepUser, load, loadDevices, authorized, rotate } = useSignedIn()

const isBusy = ref(false)
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
  Object.assign(state, { sheet: undefined, refusal: undefined, conflict: undefined })
  load()
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

function welcome(outcome: Outcome): void {
  say(t.value.outcomes[outcome])
}
