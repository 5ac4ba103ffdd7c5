import { errorMessages, type Language } from '@mplogin/contract/messages'
import { type ClientErrorCode, isClientError, type PhoneErrorCode } from './errors.js'
import type { ConflictChoice } from './types.js'

export type { Language }

/** One text in each language. */
type Text = Readonly<Record<Language, string>>

const phoneTexts: Readonly<Record<PhoneErrorCode, Text>> = {
  NETWORK: { 'zh-CN': '网络不可用，请检查网络后重试', en: 'No network, please check it and try again' },
  TIMEOUT: { 'zh-CN': '网络较慢，请稍后再试', en: 'The network is slow, please try again later' },
  BAD_ANSWER: { 'zh-CN': '服务暂时不可用，请稍后再试', en: 'The service is unavailable, please try again later' },
  LOGIN_FAILED: { 'zh-CN': '微信登录未成功，请重试', en: 'WeChat could not log you in, please try again' },
  USER_REFUSED: { 'zh-CN': '您已取消授权', en: 'You did not allow it' },
  NOT_PERMITTED: {
    'zh-CN': '该小程序暂不支持手机号登录',
    en: 'This mini program cannot use the phone number at the moment',
  },
  QUOTA_USED_UP: {
    'zh-CN': '手机号验证次数已用完，请使用其他方式登录',
    en: 'Phone verification is used up, please log in another way',
  },
  PRIVACY_NOT_DECLARED: {
    'zh-CN': '该小程序尚未声明收集手机号',
    en: 'This mini program has not declared that it collects phone numbers',
  },
  PRIVACY_REFUSED: {
    'zh-CN': '同意隐私保护指引后才能使用该功能',
    en: 'This needs your consent to the privacy guide',
  },
  PHONE_FAILED: {
    'zh-CN': '未能获取手机号，请重试',
    en: 'The phone number could not be had, please try again',
  },
  STORAGE_FAILED: {
    'zh-CN': '存储空间不足，下次打开需重新登录',
    en: 'The storage is full: you will have to log in again next time',
  },
}

const texts: Readonly<Record<ClientErrorCode, Text>> = Object.assign({}, errorMessages, phoneTexts)

const choiceTexts: Readonly<Record<ConflictChoice, Text>> = {
  use_phone_account: {
    'zh-CN': '使用该手机号的账号（当前微信将改为登录该账号）',
    en: 'Use the account of this phone number (this WeChat will log in to it)',
  },
  use_wechat_account: {
    'zh-CN': '使用当前微信的账号（该手机号将改为绑定到此账号）',
    en: 'Use the account of this WeChat (the phone number moves to it)',
  },
  new_account: {
    'zh-CN': '注册新账号（该手机号将绑定到新账号）',
    en: 'Create a new account (the phone number moves to it)',
  },
}

/**
 * What to show for an error: of the SDK by its code; of a server that is newer than this by the text that it sent; of
 * anything else that something went wrong.
 *
 * @param language default `zh-CN`
 */
export function errorText(error: unknown, language: Language = 'zh-CN'): string {
  if (!isClientError(error)) return texts.INTERNAL[language]
  const text = texts[error.code]
  return text ? text[language] : error.message
}

/** What to show for a choice after a conflict. */
export function choiceText(choice: ConflictChoice, language: Language = 'zh-CN'): string {
  return choiceTexts[choice][language]
}
