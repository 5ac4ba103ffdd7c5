import { createSSRApp } from 'vue'
import App from './App.vue'

/** uni-app calls it. */
export function createApp() {
  return { app: createSSRApp(App) }
}
