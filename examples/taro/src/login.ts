import { type ConflictChoice, createLoginClient, isClientError, type User } from '@mplogin/client'
import { taroPlatform } from '@mplogin/client/taro'
import { errorText } from '@mplogin/client/texts'
import Taro from '@tarojs/taro'
import { useRef, useState, useSyncExternalStore } from 'react'
import { loginUrl, ordersUrl } from './config'
import { language } from './texts'

/** The one login of this mini program. */
export const login = createLoginClient({ baseUrl: loginUrl, apiUrls: [ordersUrl], platform: taroPlatform(Taro) })

/** Who is logged in, now and whenever it changes. */
export function useUser(): User | undefined {
  return useSyncExternalStore(login.onChange, () => login.user)
}

/** What a person does on a page, one thing at a time: a second tap on the phone button would be billed again. */
export function useAttempt() {
  const isUnderWay = useRef(false)
  const [isBusy, setBusy] = useState(false)
  const [tip, setTip] = useState('')
  const [choices, setChoices] = useState<readonly ConflictChoice[]>([])

  function clear(): void {
    setTip('')
    setChoices([])
  }

  /** A conflict is for the person to decide, and is shown by the page; everything else is told. */
  function showFailure(error: unknown): void {
    if (isClientError(error) && 'choices' in error) setChoices(error.choices)
    else setTip(errorText(error, language))
  }

  async function attempt(work: () => Promise<unknown>): Promise<void> {
    if (isUnderWay.current) return
    isUnderWay.current = true
    setBusy(true)
    clear()
    try {
      await work()
    } catch (error) {
      showFailure(error)
    } finally {
      isUnderWay.current = false
      setBusy(false)
    }
  }

  return { isBusy, tip, choices, attempt, showFailure, clear }
}

/** Where a picture is: the server's own are paths below its address. */
export function avatarOf({ avatar }: User): string {
  return avatar[0] === '/' ? loginUrl + avatar : avatar
}
