import { Text, View } from '@tarojs/components'
import Taro, { useDidShow } from '@tarojs/taro'
import { useState } from 'react'
import { ordersUrl } from '../../config'
import { login, useAttempt, useUser } from '../../login'
import { t, useTabs, useTitle } from '../../texts'

type Product = keyof typeof t.goods

interface Order {
  readonly id: number
  readonly product: Product
}

const goods: readonly Product[] = ['cup', 'lamp', 'plant']

export default function Home() {
  const user = useUser()
  const { tip, attempt, showFailure } = useAttempt()
  const [orders, setOrders] = useState<readonly Order[]>([])
  useTitle(t.title)
  useTabs()
  useDidShow(() => {
    setOrders([])
    if (login.user) load().catch(showFailure)
  })

  async function load(): Promise<void> {
    const { statusCode, data } = await login.request<{ orders: Order[] }>({ url: `${ordersUrl}/orders` })
    if (statusCode === 200) setOrders(data.orders)
  }

  /** The person's own tap, and the first moment where the shop must know who it is. */
  function order(product: Product): void {
    if (!login.user) return void Taro.navigateTo({ url: '/pages/login/index' })
    void attempt(async () => {
      const { statusCode } = await login.request({ url: `${ordersUrl}/orders`, method: 'POST', data: { product } })
      if (statusCode !== 201) return
      Taro.showToast({ title: t.ordered })
      await load()
    })
  }

  return (
    <View className="page home">
      {!user && <Text className="soft needs-login">{t.needsLogin}</Text>}
      {goods.map(product => (
        <View key={product} className="card row">
          <Text>{t.goods[product]}</Text>
          <Text className={`link order-${product}`} onClick={() => order(product)}>
            {t.order}
          </Text>
        </View>
      ))}
      {user && (
        <View className="card">
          <Text className="title">{t.orders}</Text>
          {orders.length === 0 && <Text className="soft no-orders">{t.noOrders}</Text>}
          {orders.map(({ id, product }) => (
            <Text key={id} className="soft order">
              {`${id} · ${t.goods[product]}`}
            </Text>
          ))}
        </View>
      )}
      {tip !== '' && <Text className="tip">{tip}</Text>}
    </View>
  )
}
