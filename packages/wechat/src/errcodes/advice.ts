import { isIP } from 'node:net'
import type { codesOfFailure } from '../error-codes.js'
import type { WechatError } from '../errors.js'
import type { AdviceLanguage, RetryRule } from './entry.js'
import { findEntry } from './table.js'

type FailureCode = keyof typeof codesOfFailure

/** What to do where WeChat gave no errcode. */
const ofFailures: Readonly<
  Record<FailureCode, { retry: RetryRule; advice: Readonly<Record<AdviceLanguage, string>> }>
> = {
  UNREACHABLE: {
    retry: 'retry',
    advice: {
      'zh-CN':
        '连不上微信或超时。检查服务器能否访问 api.weixin.qq.com（DNS、防火墙、出站代理）；若网络正常，等待微信恢复。',
      en: 'WeChat was not reached in time. Check that the server reaches api.weixin.qq.com (DNS, firewall, proxy); if it does, wait for WeChat.',
    },
  },
  CIRCUIT_OPEN: {
    retry: 'retry',
    advice: {
      'zh-CN':
        '微信连续多次没有应答，暂停调用，稍后自动再试。检查服务器能否访问 api.weixin.qq.com；若网络正常，等待微信恢复。',
      en: 'WeChat gave no answer many times in a row, so it is not called for a moment. Check that the server reaches api.weixin.qq.com; if it does, wait for WeChat.',
    },
  },
  UNREADABLE: {
    retry: 'retry',
    advice: {
      'zh-CN': '收到的不是微信的 JSON：多为代理、网关或运营商插入的页面，或微信维护。检查 apiBase 与出站代理。',
      en: 'The answer is not WeChat’s JSON: mostly a page of a proxy or gateway, or maintenance. Check apiBase and the proxy.',
    },
  },
  UNVERIFIED: {
    retry: 'operator',
    advice: {
      'zh-CN':
        '无法证明数据来自微信。核对平台证书（编号与内容）、消息推送 Token 与本机时钟；若都正确，可能有人篡改，请排查。',
      en: 'The data does not prove to be WeChat’s. Check the platform certificates, the token of the pushes and the clock; if all are right, somebody may be tampering.',
    },
  },
  DECRYPTION_FAILED: {
    retry: 'never',
    advice: {
      'zh-CN': '解密失败：登录态用的是旧 session_key（先登录再点按钮），数据在途中被改动，或密钥配置不对。',
      en: 'The data does not open: the session key is old (log in before the tap), the data was changed on the way, or the configured key is wrong.',
    },
  },
  WATERMARK_MISMATCH: {
    retry: 'never',
    advice: {
      'zh-CN': '数据属于另一个小程序。检查 appid 配置是否一致。',
      en: 'The data is of another mini program. Compare the configured appids.',
    },
  },
}

/**
 * What an operator should do about an error, as one or two sentences. For the log or an operator's page, not for users.
 * For 40164 it names the address to put on the allow-list, as far as WeChat told it.
 *
 * @param language default `en`
 */
export function adviceOf(error: WechatError, language: AdviceLanguage = 'en'): string {
  if (error.errcode === undefined)
    return (ofFailures[error.code as FailureCode] ?? ofFailures.UNREADABLE).advice[language]
  const { advice } = findEntry(error.path, error.errcode)
  return advice[language].replace('{address}', findAddress(error.errmsg ?? '') ?? someAddress[language])
}

/** When the call that ended in this error may be made again. A code is never sent twice after `UNREACHABLE`, unless `requestSent` is false. */
export function retryRuleOf(error: WechatError): RetryRule {
  if (error.errcode === undefined) return (ofFailures[error.code as FailureCode] ?? ofFailures.UNREADABLE).retry
  return findEntry(error.path, error.errcode).retry
}

const someAddress: Readonly<Record<AdviceLanguage, string>> = {
  'zh-CN': '（微信未告知，查看服务器的出口地址）',
  en: 'that this server calls from',
}

/** The address in `invalid ip 1.2.3.4 ipv6 ::ffff:1.2.3.4, not in whitelist`. */
function findAddress(errmsg: string): string | undefined {
  const candidates = [...errmsg.matchAll(/\bip(?:v6)?\s+([\da-f.:]+)/gi)].map(match =>
    (match[1] ?? '').replace(/^::ffff:/i, ''),
  )
  return candidates.find(candidate => isIP(candidate) !== 0)
}
