import jwt from 'jsonwebtoken'
import { settings } from '../settings.js'

/** Express middleware: the user of the token, or 401. */
export function requireUser(req, res, next) {
  const [, token] = (req.headers.authorization ?? '').split(' ')
  try {
    req.user = jwt.verify(token, settings.tokenSecret)
  } catch {
    return res.status(401).json({ code: 401, msg: '请先登录' })
  }
  next()
}
