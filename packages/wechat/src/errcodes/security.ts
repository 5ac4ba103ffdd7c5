import { type ErrcodeEntries, entry } from './entry.js'

/**
 * The errcodes of API security mode.
 *
 * @see https://developers.weixin.qq.com/miniprogram/dev/server/getting_started/api_signature.html
 */
export const ofSecurityMode: ErrcodeEntries = {
  40230: entry(
    'SECURITY_REJECTED',
    'operator',
    '缺少 Wechatmp-Serial 请求头。在 security.publicKeySn 填写 API 非对称密钥编号。',
    'The header Wechatmp-Serial is missing. Give the number of the API asymmetric key in security.publicKeySn.',
  ),
  40231: missing('Wechatmp-TimeStamp'),
  40232: missing('Wechatmp-Signature'),
  40233: missing('Wechatmp-Appid'),
  40234: entry(
    'SECURITY_REJECTED',
    'operator',
    '签名错误。核对 security.privateKey 与后台「API 安全」中的应用公钥是否成对；经过网关时，用 security.urlBase 填写微信看到的地址。',
    'The signature is wrong. Check that security.privateKey belongs to the public key under API 安全; behind a gateway, give the address that WeChat sees in security.urlBase.',
  ),
  40235: entry(
    'SECURITY_REJECTED',
    'operator',
    '密文无法解开。核对 security.symmetricKey 与 security.symmetricKeySn 是否与后台「API 安全」一致，且算法为 AES256_GCM。',
    'The body cannot be decrypted. Compare security.symmetricKey and security.symmetricKeySn with API 安全; the algorithm there must be AES256_GCM.',
  ),
  40236: entry(
    'SECURITY_REJECTED',
    'operator',
    'Wechatmp-Appid 无效。检查配置的 appid。',
    'The appid of the headers is not valid. Check the configured appid.',
  ),
  40237: entry(
    'SECURITY_REJECTED',
    'operator',
    '请求头中的 appid 与 access_token 不属于同一个小程序。检查 appid 与 AppSecret 是否成对，令牌缓存是否混用。',
    'The appid of the headers and the access token are of two mini programs. Check that appid and AppSecret belong together and that no shared token store mixes apps.',
  ),
  40238: entry(
    'SECURITY_UNCONFIGURED',
    'operator',
    '后台未设置 API 对称密钥。在「开发管理 → 开发设置 → API 安全」配置，或去掉 security 选项。',
    'No API symmetric key is set. Set one under 开发管理 → 开发设置 → API 安全, or leave the security option out.',
  ),
  40239: entry(
    'SECURITY_UNCONFIGURED',
    'operator',
    '后台未设置应用公钥。在「开发管理 → 开发设置 → API 安全」上传公钥，或去掉 security 选项。',
    'No public key of the app is set. Upload it under 开发管理 → 开发设置 → API 安全, or leave the security option out.',
  ),
  40240: entry(
    'CLOCK_SKEWED',
    'operator',
    '请求时间戳过期：本机时钟不准。开启 NTP 校时后重试。',
    'The timestamp of the request is stale: the clock of this machine is off. Set it by NTP.',
  ),
}

function missing(header: string) {
  return entry(
    'SECURITY_REJECTED',
    'operator',
    `缺少 ${header} 请求头：可能被代理或网关删除。检查出站代理是否放行 Wechatmp-* 请求头。`,
    `The header ${header} is missing: a proxy or gateway may have removed it. Let the Wechatmp-* headers pass.`,
  )
}
