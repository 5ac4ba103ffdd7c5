/**
 * The server as articles on mini-program login show it: Express, Sequelize, axios, jsonwebtoken. It reads the user and
 * creates one that is not there; a phone login asks WeChat for an access token, then for the number. Nothing of it is
 * copied: it does what they do.
 */
import axios from 'axios'
import express from 'express'
import jwt from 'jsonwebtoken'
import { defaultAvatar, randomNickname, settings } from '../settings.js'
import { createModels } from './models.js'
import { requireUser } from './require-user.js'

const { appid, secret } = settings
const { sequelize, user: User } = createModels(settings.databaseUrl)
const wechat = axios.create({ baseURL: settings.wechatBase })
wechat.interceptors.response.use(response => response.data)

const app = express()
app.use(express.json())

app.post('/login', async (req, res) => {
  const { openid } = await wechat.get('/sns/jscode2session', {
    params: { appid, secret, js_code: req.query.code, grant_type: 'authorization_code' },
  })
  if (!openid) return res.status(400).json({ code: 400, msg: '登录失败' })
  answer(res, await findOrCreate({ openid }))
})

app.post('/loginByPhone', async (req, res) => {
  const { access_token } = await wechat.get('/cgi-bin/token', {
    params: { grant_type: 'client_credential', appid, secret },
  })
  const { phone_info } = await wechat.post(`/wxa/business/getuserphonenumber?access_token=${access_token}`, {
    code: req.body.code,
  })
  if (!phone_info) return res.status(400).json({ code: 400, msg: '登录失败' })
  answer(res, await findOrCreate({ phone: phone_info.phoneNumber }))
})

app.get('/me', requireUser, async (req, res) => {
  res.json({ code: 200, msg: 'OK', data: await User.findByPk(req.user.id) })
})

async function findOrCreate(proof) {
  const user = await User.findOne({ where: proof })
  return user ?? User.create({ ...proof, nickname: randomNickname(), avatar: defaultAvatar })
}

function answer(res, user) {
  const token = jwt.sign({ id: user.id }, settings.tokenSecret, { expiresIn: '7d' })
  res.json({ code: 200, msg: '登录成功', data: { ...user.toJSON(), token } })
}

if (settings.migrates) await sequelize.sync()
app.listen(settings.port, '127.0.0.1')
