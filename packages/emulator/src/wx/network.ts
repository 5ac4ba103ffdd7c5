import { callBackOrPromise, type WxCallbacks } from './settle.js'

/** What WeChat calls networks. */
export type Network = 'wifi' | '2g' | '3g' | '4g' | '5g' | 'none' | 'unknown'
/** Told when the network comes or goes. */
export type NetworkListener = (state: { readonly isConnected: boolean; readonly networkType: Network }) => void

/** The network of the phone, which can be taken away. */
export function createNetwork() {
  const online: Network = 'wifi'
  let networkType: Network = online
  const listeners = new Set<NetworkListener>()

  const losses = new Set<() => void>()

  return {
    isOffline: () => networkType === 'none',
    whenLost: (work: () => void) => void losses.add(work),

    api: {
      getNetworkType: <Options extends WxCallbacks<{ networkType: Network; hasSystemProxy: boolean }>>(
        options?: Options,
      ) => callBackOrPromise('getNetworkType', options, () => ({ networkType, hasSystemProxy: false })),
      onNetworkStatusChange: (listener: NetworkListener) => void listeners.add(listener),
      offNetworkStatusChange(listener?: NetworkListener): void {
        if (listener) listeners.delete(listener)
        else listeners.clear()
      },

      /** Not WeChat's: takes the network away, or gives it back. What is under way fails as on a phone. */
      setOffline(isOffline: boolean): void {
        const next = isOffline ? 'none' : online
        if (next === networkType) return
        networkType = next
        if (isOffline) for (const work of losses) work()
        for (const listener of [...listeners]) listener({ isConnected: !isOffline, networkType })
      },
    },
  }
}
