export { isVerifyError, VerifyError, type VerifyErrorCode } from './errors.js'
export type { CertaintyOptions, VerifierOptions } from './options.js'
export { createVerifier, type Verifier } from './verifier.js'
export { type Account, createKnownTokens, type KnownTokens, type TokenChecks, verifyToken } from './verify-token.js'
