/// <reference types="vite/client" />

interface ImportMetaEnv {
  readonly VITE_LOGIN_URL: string
  readonly VITE_ORDERS_URL: string
  readonly VITE_EMULATOR_URL: string
  readonly VITE_EMULATOR_APPID: string
}

declare module '*.vue' {
  import type { DefineComponent } from 'vue'

  const component: DefineComponent
  export default component
}
