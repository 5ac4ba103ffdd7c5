import { computed, getCurrentScope, onScopeDispose, ref, shallowReadonly, shallowRef } from 'vue'
import type { ProfileChange } from './account.js'
import type { LoginClient } from './create-login-client.js'
import { type ClientError, isClientError } from './errors.js'
import type { PhoneEvent } from './phone-event.js'
import type { ConflictChoice } from './types.js'

/**
 * A login client as refs, for pages of uni-app and Vue 3. The verbs never reject because of the client: what went wrong is in
 * `error` until the next one begins, and they resolve to undefined. Stops listening with the component it is used in.
 */
export function useLogin(login: LoginClient) {
  const user = shallowRef(login.user)
  const error = shallowRef<ClientError>()
  const underWay = ref(0)
  const stop = login.onChange((next, reason) => {
    user.value = next
    if (reason) error.value = reason
  })
  if (getCurrentScope()) onScopeDispose(stop)

  function tell<Args extends unknown[], T>(verb: (...args: Args) => Promise<T>) {
    return (...args: Args): Promise<T | undefined> => {
      const end = () => {
        underWay.value--
      }
      underWay.value++
      error.value = undefined
      const result = Promise.resolve().then(() => verb(...args))
      result.then(end, end)
      return result.catch(cause => {
        if (!isClientError(cause)) throw cause
        error.value = cause
        return undefined
      })
    }
  }

  return {
    /** Who is signed in. */
    user: shallowReadonly(user),
    /** Whether to show the phone button. */
    needsPhone: computed(() => user.value !== undefined && !user.value.phoneBound),
    /** Whether one of these verbs is under way: disable the buttons, since a second tap on the phone button is billed again. */
    isBusy: computed(() => underWay.value > 0),
    /** Why the last verb failed, or the server ended the session. */
    error: shallowReadonly(error),
    /** What the user may choose, after a conflict. */
    choices: computed<readonly ConflictChoice[]>(() =>
      error.value && 'choices' in error.value ? error.value.choices : [],
    ),
    resume: tell(() => login.resume()),
    signIn: tell(() => login.signIn()),
    loadUser: tell(() => login.loadUser()),
    signInWithPhone: tell((event: PhoneEvent) => login.signInWithPhone(event)),
    bindPhone: tell((event: PhoneEvent) => login.bindPhone(event)),
    resolveConflict: tell((choice: ConflictChoice) => login.resolveConflict(choice)),
    updateProfile: tell((change: ProfileChange) => login.updateProfile(change)),
    signOut: tell((options?: { readonly everywhere?: boolean }) => login.signOut(options)),
    deleteAccount: tell(() => login.deleteAccount()),
  }
}
