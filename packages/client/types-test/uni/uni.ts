import { createLoginClient } from '@mplogin/client'
import { errorText } from '@mplogin/client/texts'
import { uniPlatform } from '@mplogin/client/uni'
import { useLogin } from '@mplogin/client/vue'

// Compiled only, against what was built and DCloud's own typings.
const login = createLoginClient({ baseUrl: 'https://login.example.com', platform: uniPlatform(uni) })
const { request, uploadFile, getStorageSync, setStorageSync, removeStorageSync } = uni
const inBrowser = createLoginClient({
  baseUrl: 'https://login.example.com',
  platform: {
    ...uniPlatform({ request, uploadFile, getStorageSync, setStorageSync, removeStorageSync }),
    login: async () => ({ code: 'from elsewhere' }),
  },
})

export function page() {
  const { user, needsPhone, isBusy, error, choices, signIn, signInWithPhone, resolveConflict } = useLogin(login)
  const show: boolean = needsPhone.value && !isBusy.value
  const name: string | undefined = user.value?.nickname
  const text: string = error.value ? errorText(error.value, 'en') : ''
  const choose = () => choices.value.map(choice => resolveConflict(choice))
  return { show, name, text, choose, signIn, signInWithPhone, inBrowser }
}
