import { type SettingName, settings } from './settings.js'

/** A setting's value as it may be printed: secrets hidden, of a URL only its user and password. */
export function showValue(name: SettingName, value: string): string {
  if (!('secret' in settings[name])) return value
  return name.endsWith('_URL') ? value.replace(/\/\/.*@/, '//(hidden)@') : '(hidden)'
}
