import {
  type ConflictChoice,
  type ConflictError,
  createLoginClient,
  type DeviceSession,
  isClientError,
  type PhoneEvent,
  type SignedIn,
  type User,
} from '@mplogin/client'
import { errorText } from '@mplogin/client/texts'
import { computed, ref } from 'vue'
import { loginUrl, ordersUrl } from './config.js'
import { useLanguage } from './language.js'
import { platform } from './platform.js'
import type { Texts } from './texts/zh.js'

export type { DeviceSession, PhoneEvent }

/** Why the phone button gave nothing; each has its own words, and a way on. */
type Refusal = keyof Texts['refusals']

const { t, language } = useLanguage()

/** The login of this mini program. */
export const client = createLoginClient({ baseUrl: loginUrl, apiUrls: [ordersUrl], platform })

const user = ref<User | undefined>(client.user)
const needsPhone = computed(() => user.value?.phoneBound === false)
const isBusy = ref(false)
const refusal = ref<Refusal>()
const conflict = ref<Pick<ConflictError, 'code' | 'choices'>>()

client.onChange((now, reason) => {
  user.value = now
  // The server ended it: another device logged this one out, or the account is no more.
  if (reason) say(t.value.me.ended)
})

/** Who is logged in, and everything that a person can do about it. What fails is shown; the verbs tell whether it worked. */
export function useLogin() {
  return {
    user,
    needsPhone,
    /** While something is under way: buttons are disabled, so that a second tap is none. */
    isBusy,
    refusal,
    conflict,

    /** By WeChat. Called by the person's own tap only. */
    signIn: () => once(async () => welcome(await client.signIn())),

    /** By the event of the phone button, and wx.login beside it. */
    signInWithPhone: (event: PhoneEvent) => once(async () => welcome(await client.signInWithPhone(event))),

    /** Adds the number to the account that is logged in. */
    bindPhone: (event: PhoneEvent) =>
      once(async () => {
        const { outcome } = await client.bindPhone(event)
        say(outcome === 'merged' ? t.value.outcomes.merged : t.value.me.bound)
      }),

    resolveConflict: (choice: ConflictChoice) =>
      once(async () => {
        welcome(await client.resolveConflict(choice))
        conflict.value = undefined
      }),

    /** Everything stays as it is. */
    leaveConflict(): void {
      conflict.value = undefined
    },

    saveNickname: (nickname: string) => once(async () => saved(await client.updateProfile({ nickname }))),

    /** @param filePath what chooseAvatar gave */
    saveAvatar: (filePath: string) => once(async () => saved(await client.updateProfile({ avatar: filePath }))),

    signOut: (options: { everywhere: boolean }) =>
      once(async () => {
        await client.signOut(options)
        say(t.value.me.signedOut)
      }),

    deleteAccount: () =>
      once(async () => {
        await client.deleteAccount()
        say(t.value.deletion.done)
      }),

    listDevices: (): Promise<readonly DeviceSession[]> => client.sessions(),
    revokeDevice: (id: string) => client.revokeSession(id),

    /** What other devices changed meanwhile, also that they logged this one out; without a network it stays as it was. */
    async refreshUser(): Promise<void> {
      if (!user.value) return
      const answer = await client.request<{ data?: { user: User } }>({ url: `${loginUrl}/me` }).catch(() => undefined)
      const found = answer?.data.data?.user
      if (found && found.id === client.user?.id) user.value = found
    },
  }
}

/** A picture to show. The server's own are paths below its address. */
export function avatarOf({ avatar }: User): string {
  return avatar.startsWith('/') ? loginUrl + avatar : avatar
}

/** Shows why something did not work, in words for people. */
export function showFailure(error: unknown): void {
  say(errorText(error, language.value))
}

/** One thing at a time. Whether it worked. */
async function once(work: () => Promise<unknown>): Promise<boolean> {
  if (isBusy.value) return false
  isBusy.value = true
  refusal.value = undefined
  try {
    await work()
    return true
  } catch (error) {
    settleFailure(error)
    return false
  } finally {
    isBusy.value = false
  }
}

function settleFailure(error: unknown): void {
  if (isConflict(error)) conflict.value = error
  else if (isClientError(error) && error.code in t.value.refusals) refusal.value = error.code as Refusal
  else showFailure(error)
}

function isConflict(error: unknown): error is ConflictError {
  return isClientError(error) && (error.code === 'ACCOUNT_CONFLICT' || error.code === 'PHONE_MAY_BE_RECYCLED')
}

function welcome({ outcome }: Pick<SignedIn, 'outcome'>): void {
  say(t.value.outcomes[outcome])
}

function saved(_user: User): void {
  say(t.value.profile.saved)
}

function say(title: string): void {
  uni.showToast({ title, icon: 'none' })
}
