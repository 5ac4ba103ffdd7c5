const { ordersUrl } = require('../../utils/config')
const { login, once, follow, showFailure } = require('../../utils/login')
const { t, nameTabs } = require('../../utils/texts')

Page({
  data: { t, goods: ['cup', 'lamp', 'plant'], user: null, orders: [], note: '', isBusy: false, choices: [] },

  onLoad() {
    this.unfollow = follow(this)
    wx.setNavigationBarTitle({ title: t.title })
  },
  onUnload() {
    this.unfollow()
  },
  onShow() {
    nameTabs()
    this.setData({ orders: [] })
    if (login.user) this.load().catch(error => showFailure(this, error))
  },

  async load() {
    const { statusCode, data } = await login.request({ url: `${ordersUrl}/orders` })
    if (statusCode === 200) this.setData({ orders: data.orders })
  },

  /** The person's own tap, and the first moment where the shop must know who it is. */
  order(event) {
    if (!login.user) return wx.navigateTo({ url: '/pages/login/login' })
    const { product } = event.currentTarget.dataset
    return once(this, async () => {
      const { statusCode } = await login.request({ url: `${ordersUrl}/orders`, method: 'POST', data: { product } })
      if (statusCode !== 201) return
      wx.showToast({ title: t.ordered })
      await this.load()
    })
  },
})
