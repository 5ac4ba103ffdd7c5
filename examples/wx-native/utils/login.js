const { createLoginClient } = require('@mplogin/client')
const { wxPlatform } = require('@mplogin/client/wx')
const { errorText, choiceText } = require('@mplogin/client/texts')
const { loginUrl, ordersUrl } = require('./config')
const { language, t } = require('./texts')

/** The one login of this mini program. */
const login = createLoginClient({ baseUrl: loginUrl, apiUrls: [ordersUrl], platform: wxPlatform(wx) })

/**
 * What a page does when a verb of the client failed. A conflict is for the person to decide, and is shown by the page;
 * everything else is told.
 */
function showFailure(page, error) {
  if (error.choices) page.setData({ choices: error.choices.map(id => ({ id, text: choiceText(id, language) })) })
  else page.setData({ note: errorText(error, language) })
}

/** One thing at a time: a second tap on the phone button would be billed again. */
async function once(page, work) {
  if (page.data.isBusy) return
  page.setData({ isBusy: true, note: '', choices: [] })
  try {
    await work()
  } catch (error) {
    showFailure(page, error)
  } finally {
    page.setData({ isBusy: false })
  }
}

/** Tells a page who is logged in, now and whenever it changes; gives what ends it. */
function follow(page) {
  const show = () => page.setData({ user: login.user || null, needsPhone: login.needsPhone })
  show()
  return login.onChange((_user, reason) => {
    show()
    if (reason) wx.showToast({ title: t.ended, icon: 'none' })
  })
}

/** Where a picture is: the server's own are paths below its address. */
function avatarOf(user) {
  if (!user) return ''
  return user.avatar[0] === '/' ? loginUrl + user.avatar : user.avatar
}

module.exports = { login, once, showFailure, follow, avatarOf }
