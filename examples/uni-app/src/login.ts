import {
  type ConflictChoice,
  type ConflictError,
  createLoginClient,
  type DeviceSession,
  type PhoneEvent,
  type SignedIn,
  type User,
} from '@mplogin/client'
import { errorText } from '@mplogin/client/texts'
import { useLogin as useClient } from '@mplogin/client/vue'
import { ref, shallowRef } from 'vue'
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

const login = useClient(client)
const { user, needsPhone } = login
const refusal = ref<Refusal>()
const conflict = shallowRef<ConflictError>()

client.onChange((_now, reason) => {
  // The server ended it: another device logged this one out, or the account is no more.
  if (reason) say(t.value.me.ended)
})

/** Who is logged in, and everything that a person can do about it. What fails is shown; the verbs tell whether it worked. */
export function useLogin() {
  return {
    user,
    needsPhone,
    /** While something is under way: buttons are disabled, so that a second tap is none. */
    isBusy: login.isBusy,
    refusal,
    conflict,

    /** By WeChat. Called by the person's own tap only. */
    signIn: () => settle(login.signIn(), welcome),

    /** By the event of the phone button, and wx.login beside it. */
    signInWithPhone: (event: PhoneEvent) => settle(login.signInWithPhone(event), welcome),

    /** Adds the number to the account that is logged in. */
    bindPhone: (event: PhoneEvent) =>
      settle(login.bindPhone(event), ({ outcome }) =>
        say(outcome === 'merged' ? t.value.outcomes.merged : t.value.me.bound),
      ),

    resolveConflict: (choice: ConflictChoice) => settle(login.resolveConflict(choice), welcome),

    /** Everything stays as it is. */
    leaveConflict(): void {
      conflict.value = undefined
    },

    saveNickname: (nickname: string) => settle(login.updateProfile({ nickname }), () => say(t.value.profile.saved)),

    /** @param filePath what chooseAvatar gave */
    saveAvatar: (filePath: string) =>
      settle(login.updateProfile({ avatar: filePath }), () => say(t.value.profile.saved)),

    signOut: (options: { everywhere: boolean }) => settle(login.signOut(options), () => say(t.value.me.signedOut)),

    deleteAccount: () => settle(login.deleteAccount(), () => say(t.value.deletion.done)),

    listDevices: (): Promise<readonly DeviceSession[]> => client.sessions(),
    revokeDevice: (id: string) => client.revokeSession(id),

    /** What other devices changed meanwhile, also that they logged this one out; without a network it stays as it was. */
    async refreshUser(): Promise<void> {
      if (user.value) await client.loadUser().catch(() => undefined)
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

/**
 * Shows what came of it: a refusal and a conflict have their places on the pages, everything else is told.
 *
 * @returns whether it worked
 */
async function settle<Result>(verb: Promise<Result | undefined>, done: (result: Result) => void): Promise<boolean> {
  const result = await verb
  const failure = login.error.value
  refusal.value = failure && failure.code in t.value.refusals ? (failure.code as Refusal) : undefined
  if (!failure) {
    conflict.value = undefined
    done(result as Result)
  } else if ('choices' in failure) conflict.value = failure
  else if (!refusal.value) showFailure(failure)
  return !failure
}

function welcome({ outcome }: Pick<SignedIn, 'outcome'>): void {
  say(t.value.outcomes[outcome])
}

function say(title: string): void {
  uni.showToast({ title, icon: 'none' })
}
