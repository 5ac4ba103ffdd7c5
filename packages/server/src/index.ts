export type { AccountHooks } from './accounts/hooks.js'
export type { LinkPolicy } from './accounts/link-policy.js'
export { type UndoneMerge, type UndoRefusal, UndoRefusedError } from './accounts/undo-merge.js'
export { type AppParts, createApp, type OpenLogin, openLogin } from './app.js'
export type { Clock } from './clock.js'
export type { AppSettings } from './config/apps.js'
export { ConfigError, type ConfigProblem } from './config/config-error.js'
export { type Config, type ConfigInput, readConfig } from './config/read-config.js'
export { LoginError } from './errors.js'
export { type LoginPluginOptions, loginPlugin } from './http/plugin.js'
export { createKeyring, type Keyring } from './keyring.js'
export type { App } from './login/apps.js'
export type { Caller, RequestContext } from './login/context.js'
export { createLogin, type Login, type LoginDeps } from './login/create-login.js'
export type { Merge } from './login/merges.js'
export { type NodeHandler, toNodeHandler } from './node-handler.js'
export { SecretError } from './ops/current-secret.js'
export { createLogger } from './ops/logger.js'
export { createMetrics, type Metrics } from './ops/metrics.js'
export { createSharedTokens } from './ops/shared-tokens.js'
export type { SessionPolicy } from './sessions/sessions.js'
export { openSigningKeys, type SigningKeys } from './sessions/signing-keys.js'
export {
  type Database,
  type DatabaseOptions,
  type Db,
  openDatabase,
  type Statement,
  type Tx,
} from './store/database.js'
export { DatabaseUrlError } from './store/database-url.js'
export { DatabaseOpenError } from './store/failure-kind.js'
export { MigrationError, migrate } from './store/migrate.js'
