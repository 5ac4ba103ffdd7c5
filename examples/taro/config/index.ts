import { defineConfig } from '@tarojs/cli'

export default defineConfig({
  projectName: 'mplogin-taro',
  date: '2026-11-25',
  designWidth: 375,
  deviceRatio: { 375: 2, 750: 1 },
  sourceRoot: 'src',
  outputRoot: 'dist',
  framework: 'react',
  compiler: 'vite',
  plugins: [],
  mini: {},
})
