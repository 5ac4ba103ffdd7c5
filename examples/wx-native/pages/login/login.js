const { login, once } = require('../../utils/login')
const { t } = require('../../utils/texts')

Page({
  data: { t, hasAgreed: false, note: '', isBusy: false, choices: [] },

  onLoad() {
    wx.setNavigationBarTitle({ title: t.login })
  },

  agree() {
    this.setData({ hasAgreed: !this.data.hasAgreed })
  },
  agreeFirst() {
    wx.showToast({ title: t.agreeFirst, icon: 'none' })
  },
  openGuide() {
    wx.openPrivacyContract({})
  },

  signIn() {
    if (!this.data.hasAgreed) return this.agreeFirst()
    return this.settle(() => login.signIn())
  },
  /** The event of the phone button; a refusal is told, and WeChat login stays open. */
  signInWithPhone(event) {
    return this.settle(() => login.signInWithPhone(event))
  },
  choose(event) {
    return this.settle(() => login.resolveConflict(event.currentTarget.dataset.choice))
  },
  later() {
    this.setData({ choices: [] })
  },

  settle(work) {
    return once(this, async () => {
      await work()
      this.leave()
    })
  },
  leave() {
    wx.navigateBack({})
  },
})
