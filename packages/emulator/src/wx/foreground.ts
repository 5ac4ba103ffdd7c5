/** What a mini program is told when it comes to the front. */
export interface ShowOptions {
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly scene: number
}

/** What it is told when it goes: why, as WeChat numbers it; 0 is left by the user. */
export interface HideOptions {
  readonly reason: 0 | 1 | 2 | 3
}

type HideListener = (options: HideOptions) => void

/** Whether the mini program is at the front; the user may leave it and come back. */
export function createForeground() {
  let isHidden = false
  const shown = new Set<(options: ShowOptions) => void>()
  const hidden = new Set<HideListener>()
  const moves = new Set<(isHidden: boolean) => void>()

  return {
    isHidden: () => isHidden,
    whenMoved: (work: (isHidden: boolean) => void) => void moves.add(work),

    api: {
      onAppShow: (listener: (options: ShowOptions) => void) => void shown.add(listener),
      offAppShow: (listener?: (options: ShowOptions) => void) =>
        listener ? void shown.delete(listener) : shown.clear(),
      onAppHide: (listener: HideListener) => void hidden.add(listener),
      offAppHide: (listener?: HideListener) => (listener ? void hidden.delete(listener) : hidden.clear()),

      /** Not WeChat's: the user leaves the mini program. */
      hideApp(): void {
        if (isHidden) return
        isHidden = true
        for (const work of moves) work(true)
        for (const listener of [...hidden]) listener({ reason: 0 })
      },
      /** Not WeChat's: the user comes back. */
      showApp(options: Partial<ShowOptions> = {}): void {
        if (!isHidden) return
        isHidden = false
        for (const work of moves) work(false)
        for (const listener of [...shown]) listener({ path: 'pages/index/index', query: {}, scene: 1001, ...options })
      },
    },
  }
}
