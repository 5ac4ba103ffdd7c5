/**
 * The mini program that emulator and server share when no app is configured in development.
 * Its secret opens nothing: only the emulator knows it.
 */
export const developmentApp = { appid: 'wx5f0e1d2c3b4a6978', secret: 'emulator-only-secret-000000000000' } as const
