import uniPlugin from '@dcloudio/vite-plugin-uni'
import { defineConfig } from 'vite'
import { withoutCallsHome } from './without-calls-home.js'

// CommonJS: as a module, what is wanted is one level down.
const uni = (uniPlugin as unknown as { default: typeof uniPlugin }).default ?? uniPlugin

export default defineConfig({ plugins: [withoutCallsHome(), uni()] })
