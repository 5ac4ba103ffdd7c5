import type { Settings } from '../options.js'
import type { Transport, WireRequest, WireResponse } from '../transport.js'
import { findKnownSignature, openAnswer } from './answer.js'
import { sealRequest } from './request.js'

/** A transport that does security mode where it is configured; what is sent and what comes back is in clear for its user. */
export function createSecureTransport({ settings, plain }: { settings: Settings; plain: Transport }): Transport {
  const { appid, prefix, clock, security } = settings
  if (!security) return plain
  const reported = new Set<string>()

  function reportDeprecated(header: WireResponse['header']): void {
    const known = security && findKnownSignature(security, header)
    if (!known?.isDeprecated || reported.has(known.serial)) return
    reported.add(known.serial)
    try {
      security?.onDeprecatedCertificate?.(known.serial)
    } catch {
      // A broken observer must not turn a spent code into a failure.
    }
  }

  return {
    send(request) {
      const { path, query } = splitTarget(request.target, prefix)
      if (request.method !== 'POST' || !security.paths.has(path)) return plain.send(request)
      const urlpath = security.urlBase + path
      const timestamp = Math.floor(clock().getTime() / 1000)
      const { body, headers } = sealRequest(security, { appid, urlpath, timestamp, fields: fieldsOf(request, query) })
      const token = query.get('access_token')
      const target = prefix + path + (token === null ? '' : `?${new URLSearchParams({ access_token: token })}`)
      const exchange = plain.send({ method: 'POST', target, body, headers })
      const open = ({ status, header, text }: WireResponse): WireResponse => {
        const plainText = openAnswer(security, { path, appid, urlpath, header, text, now: clock() })
        reportDeprecated(header)
        return { status, header, text: plainText }
      }
      return { answer: exchange.answer.then(open), stop: () => exchange.stop() }
    },
    close: plain.close,
  }
}

function splitTarget(target: string, prefix: string): { path: string; query: URLSearchParams } {
  const [path = '', search = ''] = target.slice(prefix.length).split('?', 2)
  return { path, query: new URLSearchParams(search) }
}

function fieldsOf({ body }: WireRequest, query: URLSearchParams): Record<string, unknown> {
  const { access_token: _token, ...rest } = Object.fromEntries(query)
  return { ...rest, ...(body !== undefined && JSON.parse(body)) }
}
