// Nobody is asked to log in here, and wx.login is not called: a stored login is simply there, a new one begins with a tap.
App({})
