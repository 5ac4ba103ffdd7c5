import { callBack, failure, type WxCallbacks } from './settle.js'

/** How consent to the privacy guide is (facts 5.4). */
export interface PrivacyOptions {
  /** Whether it was not given yet. Default true. */
  readonly needed?: boolean
  /** Default 《小程序隐私保护指引》. */
  readonly contractName?: string
  /** What the user answers to WeChat's own sheet. Default agree. */
  readonly sheet?: PrivacyAnswer
}

export type PrivacyAnswer = 'agree' | 'disagree'

/** What the mini program calls back from its own sheet. */
export type PrivacyResolve = (outcome: {
  readonly event: PrivacyAnswer | 'exposureAuthorization'
  /** Of the agree button; it must have been tapped. */
  readonly buttonId?: string
}) => void

type NeedListener = (resolve: PrivacyResolve, info: { readonly referrer: string }) => void

const text = 'privacy permission is not authorized'
/** A refusal holds for so long without another sheet (facts 5.4; confidence A). */
const quietMs = 10_000

/** Consent: asked for by the mini program's own sheet, or by WeChat's. */
export function createPrivacy(options: PrivacyOptions = {}, now: () => number = Date.now) {
  const { contractName = '《小程序隐私保护指引》' } = options
  let isNeeded = options.needed ?? true
  let sheet: PrivacyAnswer = options.sheet ?? 'agree'
  let listener: NeedListener | undefined
  let refusedAt = Number.NEGATIVE_INFINITY
  const tappedButtons = new Set<string>()

  /**
   * Asks for consent where it is needed; pending while the mini program's own sheet is open.
   *
   * @throws WxFailure errno 104
   */
  async function ask(api: string, referrer: string): Promise<void> {
    if (!isNeeded) return
    const answer = listener ? await askMiniProgram(listener, referrer) : askOnSheet()
    if (answer === 'agree') isNeeded = false
    else throw failure(api, text, 104)
  }

  function askMiniProgram(need: NeedListener, referrer: string): Promise<PrivacyAnswer> {
    return new Promise(settle => {
      const resolve: PrivacyResolve = ({ event, buttonId }) => {
        if (event === 'disagree') settle('disagree')
        // WeChat looks whether that button was tapped (T; confidence A).
        if (event === 'agree') settle(tappedButtons.has(buttonId ?? '') ? 'agree' : 'disagree')
      }
      need(resolve, { referrer })
    })
  }

  function askOnSheet(): PrivacyAnswer {
    if (now() - refusedAt < quietMs) return 'disagree'
    if (sheet === 'disagree') refusedAt = now()
    return sheet
  }

  return {
    ask,

    /** The tap on a button that is both, `getPhoneNumber|agreePrivacyAuthorization`. @throws WxFailure errno 103 */
    askCombined(api: string, answer: PrivacyAnswer): void {
      if (isNeeded && answer === 'disagree') throw failure(api, text, 103)
      isNeeded = false
    },

    api: {
      getPrivacySetting: (callbacks: WxCallbacks<{ needAuthorization: boolean; privacyContractName: string }>): void =>
        callBack('getPrivacySetting', callbacks, () => ({
          needAuthorization: isNeeded,
          privacyContractName: contractName,
        })),
      /** The last one registered is asked. */
      onNeedPrivacyAuthorization: (need: NeedListener): void => {
        listener = need
      },
      requirePrivacyAuthorize: (callbacks: WxCallbacks = {}): void =>
        callBack('requirePrivacyAuthorize', callbacks, async () => {
          await ask('requirePrivacyAuthorize', 'requirePrivacyAuthorize')
          return {}
        }),
      openPrivacyContract: (callbacks: WxCallbacks = {}): void =>
        callBack('openPrivacyContract', callbacks, () => ({})),

      /** Not WeChat's: the user taps the agree button of the mini program (`open-type="agreePrivacyAuthorization"`). */
      tapAgreePrivacyButton(buttonId: string): void {
        tappedButtons.add(buttonId)
        // Without a sheet of its own that waits, the tap itself is the consent.
        if (!listener) isNeeded = false
      },
      /** Not WeChat's: what the user answers to WeChat's own sheet from now on. */
      answerPrivacySheet(answer: PrivacyAnswer): void {
        sheet = answer
      },
    },
  }
}

export type Privacy = ReturnType<typeof createPrivacy>
