import type { PhoneEvent } from '@mplogin/client'
import { useLanguage } from './language.js'
import { answerPhoneSheet, phoneOfPerson } from './virtual-phone.js'

/** WeChat's sheet, played: asks for the number, and gives what the handler of the button gets. */
export async function tapPhoneButton(): Promise<PhoneEvent> {
  const { title, ask, allow, deny } = useLanguage().t.value.virtualPhone
  const phone = await phoneOfPerson()
  const isAllowed = await new Promise<boolean>(resolve => {
    uni.showModal({
      title,
      content: ask(phone),
      confirmText: allow,
      cancelText: deny,
      success: ({ confirm }) => resolve(confirm),
      fail: () => resolve(false),
    })
  })
  return { detail: await answerPhoneSheet(isAllowed) }
}

/** A picture of the person's own; undefined when none was chosen. */
export async function chooseAvatarInBrowser(): Promise<string | undefined> {
  return new Promise(resolve => {
    uni.chooseImage({
      count: 1,
      success: ({ tempFilePaths }) => resolve([tempFilePaths].flat()[0]),
      fail: () => resolve(undefined),
    })
  })
}
