import { type Language, type Texts, texts } from './texts.js'

const remembered = 'mplogin-emulator:language'
let language: Language = initialLanguage()
const listeners = new Set<() => void>()

/** The texts of the language that is chosen. */
export function t(): Texts {
  return texts[language]
}

/** How times and numbers are written. */
export function locale(): Language {
  return language
}

/** Called after each switch. */
export function onLanguage(listener: () => void): void {
  listeners.add(listener)
}

export function switchLanguage(): void {
  language = language === 'en' ? 'zh-CN' : 'en'
  localStorage.setItem(remembered, language)
  writeTexts()
  for (const listener of listeners) listener()
}

/** Writes the texts that stand in the page itself. */
export function writeTexts(): void {
  document.documentElement.lang = language
  document.title = `${t().title} · mplogin`
  for (const element of document.querySelectorAll<HTMLElement>('[data-text]'))
    element.textContent = textOf(element.dataset.text)
  for (const element of document.querySelectorAll<HTMLElement>('[data-label]'))
    element.setAttribute('aria-label', textOf(element.dataset.label))
}

function textOf(name: string | undefined): string {
  const text = t()[name as keyof Texts]
  return typeof text === 'string' ? text : ''
}

function initialLanguage(): Language {
  const asked = new URLSearchParams(location.search).get('lang') ?? localStorage.getItem(remembered)
  return asked?.startsWith('en') ? 'en' : 'zh-CN'
}
