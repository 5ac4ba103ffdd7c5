import type { StoragePlace } from '../avatars/storage.js'
import { ConfigError } from './config-error.js'
import { type SettingName, type Settings, settings } from './settings.js'

/**
 * Where the settings put avatars: a bucket when its address is set, else a directory.
 *
 * @throws ConfigError when a bucket has no keys
 */
export function parseAvatarPlace(values: Settings): StoragePlace {
  const { UPLOADS_S3_URL: url, UPLOADS_S3_REGION: region } = values
  if (url === undefined) return { kind: 'disk', directory: values.UPLOADS_DIR }
  const required = (key: 'UPLOADS_S3_KEY_ID' | 'UPLOADS_S3_SECRET') => values[key] ?? missing(key)
  const accessKeyId = required('UPLOADS_S3_KEY_ID')
  return { kind: 's3', url, region, accessKeyId, secretAccessKey: required('UPLOADS_S3_SECRET') }
}

function missing(key: SettingName): never {
  throw new ConfigError([{ key, found: 'nothing', expected: `${settings[key].expected}, with UPLOADS_S3_URL` }])
}
