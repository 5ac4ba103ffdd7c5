/** A phone of no brand; a developer's tool, since it is one. */
const defaultDevice = {
  brand: 'devtools',
  model: 'mplogin emulator',
  system: 'iOS 17.0',
  platform: 'devtools',
  version: '8.0.50',
  SDKVersion: '3.7.0',
  language: 'zh_CN',
  pixelRatio: 3,
  windowWidth: 390,
  windowHeight: 753,
  screenWidth: 390,
  screenHeight: 844,
  statusBarHeight: 47,
  fontSizeSetting: 16,
  benchmarkLevel: 50,
  theme: 'light',
}

/** What a mini program can ask about itself and the phone it runs on. */
export function createDevice(options: {
  appid: string
  envVersion?: 'develop' | 'trial' | 'release'
  version?: string
  device?: Readonly<Record<string, unknown>>
}) {
  const { appid, envVersion = 'develop', version = '' } = options
  const device = { ...defaultDevice, ...options.device }
  const pick = <Name extends keyof typeof device>(...names: Name[]) =>
    Object.fromEntries(names.map(name => [name, device[name]])) as Pick<typeof device, Name>

  return {
    getAccountInfoSync: () => ({ miniProgram: { appId: appid, envVersion, version } }),
    getSystemInfoSync: () => ({ ...device }),
    getDeviceInfo: () => pick('brand', 'model', 'system', 'platform', 'benchmarkLevel'),
    getAppBaseInfo: () => pick('SDKVersion', 'language', 'version', 'theme', 'fontSizeSetting'),
  }
}
