import type { Language } from '@mplogin/client/texts'
import { computed, ref, watchEffect } from 'vue'
import { texts } from './texts.js'

const remembered = 'mplogin-demo:language'

const language = ref<Language>(initialLanguage())
const t = computed(() => texts[language.value])

watchEffect(() => {
  document.documentElement.lang = language.value
  document.title = t.value.title
  localStorage.setItem(remembered, language.value)
})

/** The language of the page, shared by all components: Chinese first, English by the switch or by `?lang=en`. */
export function useLanguage() {
  return {
    language,
    t,
    switchLanguage: () => {
      language.value = language.value === 'en' ? 'zh-CN' : 'en'
    },
  }
}

function initialLanguage(): Language {
  const asked = new URLSearchParams(location.search).get('lang') ?? localStorage.getItem(remembered)
  return asked?.startsWith('en') ? 'en' : 'zh-CN'
}
