import Taro from '@tarojs/taro'
import type { PropsWithChildren } from 'react'
import './app.css'
import { login } from './login'
import { t } from './texts'

// The server ended it: another device logged this one out, or the account is no more.
login.onChange((_user, reason) => {
  if (reason) Taro.showToast({ title: t.ended, icon: 'none' })
})

/** Nobody is asked to log in here, and wx.login is not called: a stored login is simply there, a new one begins with a tap. */
export default function App({ children }: PropsWithChildren) {
  return children
}
