/** What a failed call of WeChat's tells. */
export interface PlatformFailure {
  readonly errMsg?: string
  readonly errno?: number
}

/** What `request` of a platform takes. */
export interface PlatformRequest {
  readonly url: string
  /** Default GET. */
  readonly method?: string | undefined
  readonly data?: unknown
  readonly header: Record<string, string>
  /** Milliseconds. Default 60000. */
  readonly timeout?: number | undefined
  /** `manual`: an answer that leads elsewhere is given as it is. */
  readonly redirect?: string | undefined
}

/** What it gives, whatever the status is. */
export interface PlatformAnswer {
  readonly statusCode: number
  readonly data: unknown
  readonly header?: object
}

/** What `uploadFile` of a platform takes. */
export interface PlatformUpload {
  readonly url: string
  readonly filePath: string
  readonly name: string
  readonly header: Record<string, string>
  /** Milliseconds. Default 60000. */
  readonly timeout?: number | undefined
}

/** The storage of a mini program. Synchronous; may throw. */
export interface PlatformStorage {
  getStorageSync(key: string): unknown
  setStorageSync(key: string, data: string): void
  removeStorageSync(key: string): void
}

/**
 * The phone, as the client needs it: `wxPlatform`, `uniPlatform` and `taroPlatform` make one. Where something is different
 * (a page of uni-app's H5 has no `uni.login`), spread one and replace that: `{ ...uniPlatform(uni), login: … }`. Promises
 * settle in the time they are given.
 */
export interface Platform {
  /** The mini program; undefined where the platform does not tell. */
  readonly appid?: string | undefined
  /** Sent with each call of the login server: `X-Device` labels this phone in the list of devices. */
  readonly header?: Readonly<Record<string, string>> | undefined
  /** `wx.login`; the time is in milliseconds. */
  login(options: { readonly timeout: number }): Promise<{ readonly code: string }>
  request(options: PlatformRequest): Promise<PlatformAnswer>
  uploadFile(options: PlatformUpload): Promise<PlatformAnswer>
  readonly storage: PlatformStorage
}
