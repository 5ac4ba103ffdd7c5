import Taro, { useDidShow } from '@tarojs/taro'

const zh = {
  title: '好物小店',
  tabs: ['首页', '我的'],
  goods: { cup: '手作马克杯', lamp: '阅读台灯', plant: '龟背竹' },
  order: '下单',
  ordered: '已下单',
  orders: '我的订单',
  noOrders: '还没有订单',
  needsLogin: '不登录也可以浏览；下单时再登录。',
  login: '登录',
  why: '登录后可以下单、查看订单。',
  agree: '我已阅读并同意《用户协议》和《隐私政策》',
  agreeFirst: '请先阅读并勾选同意',
  guide: '查看《隐私保护指引》',
  wechat: '微信登录',
  phone: '手机号登录',
  orWechat: '也可以用微信登录。',
  notNow: '暂不登录',
  conflict: '这个手机号和当前微信属于两个账号，请选择以后用哪一个；另一个会保留。',
  later: '以后再说',
  me: '我的',
  guest: '未登录',
  account: '账号',
  number: '手机号',
  noNumber: '未绑定',
  bind: '绑定手机号',
  avatar: '点击更换头像',
  nickname: '昵称',
  save: '保存',
  saved: '已保存',
  devices: '登录设备',
  current: '本机',
  revoke: '让它退出',
  signOut: '退出登录',
  everywhere: '退出所有设备',
  remove: '注销账号',
  removeText: '昵称、头像、手机号和所有登录会立即删除，无法恢复。',
  ended: '登录已失效，请重新登录',
}

/** Every text of the app, in one language. */
type Texts = typeof zh

const en: Texts = {
  title: 'Good Things',
  tabs: ['Shop', 'Me'],
  goods: { cup: 'Handmade mug', lamp: 'Reading lamp', plant: 'Monstera' },
  order: 'Order',
  ordered: 'Ordered',
  orders: 'My orders',
  noOrders: 'No orders yet',
  needsLogin: 'Look around without an account; log in when you order.',
  login: 'Log in',
  why: 'Log in to order and to see your orders.',
  agree: 'I have read and agree to the terms of use and the privacy policy',
  agreeFirst: 'Please read and tick the box first',
  guide: 'Read the privacy guide',
  wechat: 'Log in with WeChat',
  phone: 'Log in by phone number',
  orWechat: 'You can log in with WeChat instead.',
  notNow: 'Not now',
  conflict: 'This phone number and this WeChat belong to two accounts. Choose the one to use; the other is kept.',
  later: 'Later',
  me: 'Me',
  guest: 'Not logged in',
  account: 'Account',
  number: 'Phone',
  noNumber: 'None',
  bind: 'Add phone number',
  avatar: 'Tap to change the picture',
  nickname: 'Name',
  save: 'Save',
  saved: 'Saved',
  devices: 'Devices',
  current: 'this one',
  revoke: 'Log it out',
  signOut: 'Log out',
  everywhere: 'Log out everywhere',
  remove: 'Delete account',
  removeText: 'Your name, picture, phone number and all logins are deleted at once, for good.',
  ended: 'Your login has ended, please log in again',
}

/** The language of the phone. */
export const language = /^zh/i.test(Taro.getAppBaseInfo().language ?? 'zh') ? 'zh-CN' : 'en'

/** The texts of the app, in it. */
export const t = language === 'en' ? en : zh

/** Titles a page. Its configuration names none, so that nobody sees the other language first. */
export function useTitle(title: string): void {
  useDidShow(() => {
    Taro.setNavigationBarTitle({ title })
  })
}

/** Names the tabs: the tab bar is WeChat's, outside the pages, and each of its pages names it when it shows. */
export function useTabs(): void {
  useDidShow(() => {
    t.tabs.forEach((text, index) => {
      Taro.setTabBarItem({ index, text })
    })
  })
}
