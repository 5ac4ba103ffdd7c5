import type { Config, SettingSource } from './read-config.js'
import { type SettingName, settings } from './settings.js'
import { showValue } from './show-value.js'

/** One setting as it is printed. */
export interface SettingRow {
  readonly name: SettingName
  readonly value: string
  readonly source: SettingSource
}

/** Every setting with its value and source; secrets are hidden, of URLs their user and password. */
export function describeConfig({ values, sources }: Config): SettingRow[] {
  return (Object.keys(settings) as SettingName[]).map(name => {
    const value = values[name]
    return { name, source: sources[name], value: value === undefined ? '' : showValue(name, String(value)) }
  })
}
