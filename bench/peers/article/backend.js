/** A business back end beside the article's server: Express and jsonwebtoken again. */
import express from 'express'
import { settings } from '../settings.js'
import { requireUser } from './require-user.js'

const app = express()
app.use(express.json())
app.get('/orders', requireUser, (req, res) => {
  res.json({ accountId: req.user.id, orders: [] })
})
app.get('/plain', (_req, res) => {
  res.json({ orders: [] })
})
app.listen(settings.port, '127.0.0.1')
