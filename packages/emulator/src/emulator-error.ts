/** A request to the emulator itself that cannot be carried out. */
export class EmulatorError extends Error {
  override readonly name = 'EmulatorError'
  readonly code: 'NOT_FOUND' | 'BAD_REQUEST' | 'FORBIDDEN' | 'PHONE_REFUSED' | 'LOGIN_REFUSED'
  /** With PHONE_REFUSED and LOGIN_REFUSED: what the mini program gets instead of a code. */
  readonly errMsg: string | undefined
  readonly errno: number | undefined

  constructor(code: EmulatorError['code'], message: string, refusal: { errMsg?: string; errno?: number } = {}) {
    super(message)
    this.code = code
    this.errMsg = refusal.errMsg
    this.errno = refusal.errno
  }
}
