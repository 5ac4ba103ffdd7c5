import { Body, Controller, Get, HttpCode, Inject, Post, Req, UseGuards } from '@nestjs/common'
import { JwtService } from '@nestjs/jwt'
import { maskPhone } from '../settings.js'
import { AuthGuard } from './auth-guard.js'
import { decorateClass, decorateMethod } from './decorate.js'
import { UsersService } from './users-service.js'
import { WechatService } from './wechat-service.js'

/** The routes. */
export class AuthController {
  constructor(wechat, users, jwt) {
    Object.assign(this, { wechat, users, jwt })
  }

  async login({ code }) {
    return this.signIn({ openid: await this.wechat.exchangeCode(code) })
  }

  async loginByPhone({ code, loginCode }) {
    const openid = await this.wechat.exchangeCode(loginCode)
    return this.signIn({ openid, phone: await this.wechat.getPhone(code, openid) })
  }

  async me(request) {
    return { code: 'OK', msg: 'OK', data: { user: toUser(await this.users.find(request.user.sub)) } }
  }

  async signIn(proof) {
    const { user, isNewUser } = await this.users.findOrCreate(proof)
    const accessToken = await this.jwt.signAsync({ sub: user.id })
    const data = { user: toUser(user), accessToken, tokenType: 'Bearer', expiresIn: 900, isNewUser }
    return { code: 'OK', msg: '登录成功', data }
  }
}
decorateClass(AuthController, [Controller()], [Inject(WechatService), Inject(UsersService), Inject(JwtService)])
decorateMethod(AuthController, 'login', [Post('login'), HttpCode(200)], [Body()])
decorateMethod(AuthController, 'loginByPhone', [Post('loginByPhone'), HttpCode(200)], [Body()])
decorateMethod(AuthController, 'me', [Get('me'), UseGuards(AuthGuard)], [Req()])

function toUser({ id, nickname, avatar, phone, createdAt }) {
  return { id, nickname, avatar, phone: phone && maskPhone(phone), phoneBound: Boolean(phone), createdAt }
}
