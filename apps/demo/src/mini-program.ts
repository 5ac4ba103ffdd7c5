import { type ClientError, type ConflictChoice, type DeviceSession, isClientError, type Outcome } from '@mplogin/client'
import { errorText } from '@mplogin/client/texts'
import { computed, reactive, ref, shallowRef, watch } from 'vue'
import { useBackstage } from './backstage.js'
import { useGuide } from './guide.js'
import { useLanguage } from './language.js'
import { usePeople } from './people.js'
import type { Texts } from './texts.js'
import { useToast } from './toast.js'
import { createVirtualPhone, type VirtualPhone } from './virtual-phone.js'

/** Why the phone button gave no code; each has its own words. */
export type PhoneRefusal = keyof Texts['refusals']

const { t, language } = useLanguage()
const { personId, appid } = usePeople()
const backstage = useBackstage()
const guide = useGuide()
const { toast, say } = useToast()

const phones = new Map<string, VirtualPhone>()
const phone = shallowRef<VirtualPhone>()
const isBusy = ref(false)
const devices = ref<readonly DeviceSession[]>([])
const user = computed(() => phone.value?.user.value)
const state = reactive({
  /** What the phone is asked for while WeChat's sheet is open. */
  sheet: undefined as 'login' | 'bind' | undefined,
  refusal: undefined as PhoneRefusal | undefined,
  choices: [] as readonly ConflictChoice[],
})

/** The mini program on the virtual phone: what its pages show and do. */
export function useMiniProgram() {
  return {
    user,
    devices,
    isBusy,
    toast,
    state,
    tokenSecondsLeft: () => phone.value?.tokenSecondsLeft() ?? 0,

    loginByWechat: () =>
      once(async ({ signIn }) => {
        if (welcome(await signIn())) guide.tick('openid')
      }),

    openPhoneSheet(purpose: 'login' | 'bind'): void {
      state.refusal = undefined
      state.sheet = purpose
    },

    /** What the person answers to WeChat's sheet. The button tells the SDK of a refusal too. */
    answerPhoneSheet: (allow: boolean) =>
      once(async ({ wx, signInWithPhone, bindPhone }) => {
        const give = state.sheet === 'bind' ? bindPhone : signInWithPhone
        state.sheet = undefined
        if (welcome(await give(await wx.tapPhoneButton({ allow })))) guide.tick('phone')
      }),

    resolveConflict: (choice: ConflictChoice) =>
      once(async ({ resolveConflict }) => {
        state.choices = []
        if (welcome(await resolveConflict(choice))) guide.tick('phone')
      }),

    rename: (nickname: string) => once(({ updateProfile }) => updateProfile({ nickname })),

    expireToken: () =>
      once(async ({ client, skipToTokenEnd }) => {
        skipToTokenEnd()
        devices.value = await client.sessions()
        say(t.value.renewed)
      }),

    logout: () =>
      once(async ({ signOut }) => {
        await signOut()
        say(t.value.loggedOut)
      }),

    deleteAccount: () =>
      once(async ({ deleteAccount, error }) => {
        await deleteAccount()
        if (!error.value) say(t.value.deleted)
      }),
  }
}

// Another phone in the hand, or another app: its own login.
watch([personId, appid], ([person, app]) => {
  Object.assign(state, { sheet: undefined, refusal: undefined, choices: [] })
  phone.value = findPhone(person, app)
})
watch(
  () => user.value?.id,
  () => loadDevices(),
)

function findPhone(person: string, app: string): VirtualPhone {
  const key = `${person} ${app}`
  const found = phones.get(key) ?? createVirtualPhone(person, app)
  if (phones.has(key)) return found
  phones.set(key, found)
  found.client.onChange((_user, reason) => reason && say(t.value.sessionEnded))
  return found
}

/** One thing at a time: a second tap while a call is under way does nothing. */
async function once(work: (phone: VirtualPhone) => Promise<unknown>): Promise<void> {
  const current = phone.value
  if (isBusy.value || !current) return
  isBusy.value = true
  say('')
  try {
    await work(current)
    if (current.error.value) showFailure(current.error.value)
    await backstage.refresh()
  } catch (error) {
    if (isClientError(error)) showFailure(error)
    else say(t.value.network)
  } finally {
    isBusy.value = false
  }
}

function showFailure(error: ClientError): void {
  if ('choices' in error) state.choices = error.choices
  else if (isRefusal(error)) state.refusal = error.code
  else say(errorText(error, language.value))
}

function isRefusal(error: ClientError): error is ClientError & { code: PhoneRefusal } {
  return error.code in t.value.refusals
}

/** Learns too when the session was ended elsewhere. */
async function loadDevices(): Promise<void> {
  devices.value = []
  const current = phone.value
  if (!current?.user.value) return
  const sessions = await current.client.sessions().catch(() => [])
  if (current === phone.value) devices.value = sessions
}

function welcome(signedIn: { readonly outcome: Outcome } | undefined): boolean {
  if (signedIn) say(t.value.outcomes[signedIn.outcome])
  return signedIn !== undefined
}
