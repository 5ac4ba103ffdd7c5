import type { Plugin } from 'vite'

const preload = 'isFunction(wx.preloadAssets)'
const vendorImage = /url\(\s*["']?https?:\/\/[\w.-]*dcloud\.(net\.cn|io)[^)]*\)/g
const vendorAddress = /https?:\/\/[\w.-]*dcloud\.(net\.cn|io)[\w./-]*/g

/**
 * uni-app's runtime asks its maker's servers for things: for WeChat an "image" three seconds after each start, with the
 * appid in its address (spelt in character codes, so that no search finds it); in H5 a shadow for the title bar, also after
 * three seconds, and advertisements. This takes all of it out of the build, and stops the build when the first is no longer
 * where it was.
 */
export function withoutCallsHome(): Plugin {
  return {
    name: 'without-calls-home',
    enforce: 'pre',
    transform(code, id) {
      if (!/uni-mp-weixin\/dist\/uni\.mp\.esm\.js$/.test(id.split('?')[0] ?? '')) return undefined
      if (!code.includes(preload)) throw new Error(`${id}: expected ${preload}; look how it calls home now`)
      return { code: code.replace(preload, 'false'), map: null }
    },
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        for (const file of Object.values(bundle)) {
          if (file.type === 'chunk') file.code = withoutAddresses(file.code)
          else if (typeof file.source === 'string') file.source = withoutAddresses(file.source)
        }
      },
    },
  }
}

function withoutAddresses(text: string): string {
  return text.replace(vendorImage, 'none').replace(vendorAddress, '')
}
