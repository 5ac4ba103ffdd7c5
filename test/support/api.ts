import type { LoginAnswer } from '@mplogin/contract'

/** One answered request. */
export interface Answer<Data = Record<string, unknown>> {
  readonly status: number
  readonly headers: Headers
  readonly body: { code: string; msg: string; data: Data } & Record<string, unknown>
}

/** How a request departs from a plain one. */
export interface RequestOptions {
  readonly body?: unknown
  readonly token?: string
  readonly headers?: Record<string, string>
}

/** A client that speaks to a server as a mini program does, over real HTTP. */
export function createApi(baseUrl: string) {
  async function request<Data = Record<string, unknown>>(
    method: string,
    path: string,
    options: RequestOptions = {},
  ): Promise<Answer<Data>> {
    const { body, token, headers } = options
    const isForm = body instanceof FormData
    const response = await fetch(baseUrl + path, {
      method,
      headers: {
        ...(body !== undefined && !isForm && { 'content-type': 'application/json' }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' || isForm ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.includes('json') ?? false
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text }
  }

  return {
    baseUrl,
    request,
    get: <Data = Record<string, unknown>>(path: string, token?: string) =>
      request<Data>('GET', path, token === undefined ? {} : { token }),
    post: <Data = Record<string, unknown>>(path: string, body?: unknown, options: RequestOptions = {}) =>
      request<Data>('POST', path, { ...options, ...(body !== undefined && { body }) }),
    login: (body: unknown, options: RequestOptions = {}) =>
      request<LoginAnswer>('POST', '/login', { body, ...options }),
    loginByPhone: (body: unknown, options: RequestOptions = {}) =>
      request<LoginAnswer>('POST', '/loginByPhone', { body, ...options }),
  }
}

export type Api = ReturnType<typeof createApi>
