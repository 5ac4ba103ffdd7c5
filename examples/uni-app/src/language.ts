import { onShow } from '@dcloudio/uni-app'
import { computed, ref, watchEffect } from 'vue'
import { en } from './texts/en.js'
import { zh } from './texts/zh.js'

/** The languages of the app. */
export type Language = 'zh-CN' | 'en'

const storageKey = 'shop.language'

function initialLanguage(): Language {
  const chosen = uni.getStorageSync(storageKey)
  if (chosen === 'zh-CN' || chosen === 'en') return chosen
  return /^zh/i.test(uni.getAppBaseInfo().language ?? 'zh') ? 'zh-CN' : 'en'
}

const language = ref<Language>(initialLanguage())
const t = computed(() => (language.value === 'en' ? en : zh))

/** The language of the app and its texts: the one of the phone until the person chooses. */
export function useLanguage() {
  return {
    language,
    t,

    switchLanguage(): void {
      language.value = language.value === 'en' ? 'zh-CN' : 'en'
      uni.setStorageSync(storageKey, language.value)
      nameTabs()
    },
  }
}

/** Titles the page, in the language of the moment. pages.json names none, so that nobody sees the other language first. */
export function useTitle(title: () => string): void {
  watchEffect(() => uni.setNavigationBarTitle({ title: title(), fail: () => undefined }))
}

/** The title of a page with a tab. The tab bar is WeChat's, outside the pages: each of them names it when it shows. */
export function useTabTitle(title: () => string): void {
  useTitle(title)
  onShow(nameTabs)
}

function nameTabs(): void {
  t.value.tabs.forEach((text, index) => {
    uni.setTabBarItem({ index, text, fail: () => undefined })
  })
}
