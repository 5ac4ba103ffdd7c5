const { login, once, follow, showFailure, avatarOf } = require('../../utils/login')
const { t, nameTabs } = require('../../utils/texts')

Page({
  data: { t, user: null, avatar: '', needsPhone: false, devices: [], note: '', isBusy: false, choices: [] },

  onLoad() {
    this.unfollow = follow(this)
    wx.setNavigationBarTitle({ title: t.me })
  },
  onUnload() {
    this.unfollow()
  },
  onShow() {
    nameTabs()
    if (login.user) this.load().catch(error => showFailure(this, error))
  },

  /** Learns too when another device has logged this one out. */
  async load() {
    const devices = await login.sessions()
    this.setData({ devices, avatar: avatarOf(login.user) })
  },

  toLogin() {
    wx.navigateTo({ url: '/pages/login/login' })
  },
  bindPhone(event) {
    return once(this, () => login.bindPhone(event))
  },
  choose(event) {
    return once(this, async () => {
      await login.resolveConflict(event.currentTarget.dataset.choice)
      await this.load()
    })
  },
  later() {
    this.setData({ choices: [] })
  },

  chooseAvatar(event) {
    return this.change({ avatar: event.detail.avatarUrl })
  },
  /** The name comes with the form: WeChat checks it when the field is left, and may have emptied it by then. */
  saveNickname(event) {
    const nickname = event.detail.value.nickname.trim()
    return nickname ? this.change({ nickname }) : undefined
  },
  change(profile) {
    return once(this, async () => {
      await login.updateProfile(profile)
      this.setData({ avatar: avatarOf(login.user) })
      wx.showToast({ title: t.saved })
    })
  },

  revoke(event) {
    return once(this, async () => {
      await login.revokeSession(event.currentTarget.dataset.session)
      await this.load()
    })
  },
  signOut() {
    return once(this, () => login.signOut())
  },
  signOutEverywhere() {
    return once(this, () => login.signOut({ everywhere: true }))
  },
  deleteAccount() {
    wx.showModal({
      title: t.remove,
      content: t.removeText,
      success: ({ confirm }) => confirm && once(this, () => login.deleteAccount()),
    })
  },
})
