import { HttpService } from '@nestjs/axios'
import { BadRequestException, Inject, Injectable } from '@nestjs/common'
import { firstValueFrom } from 'rxjs'
import { settings } from '../settings.js'
import { decorateClass } from './decorate.js'

const { wechatBase, appid, secret } = settings

/** WeChat through @nestjs/axios, with the access token kept until it ends. */
export class WechatService {
  constructor(http) {
    this.http = http
    this.token = { text: '', endsAt: 0 }
  }

  async exchangeCode(code) {
    const params = { appid, secret, js_code: code, grant_type: 'authorization_code' }
    return (await this.ask(this.http.get(`${wechatBase}/sns/jscode2session`, { params }))).openid
  }

  async getPhone(code, openid) {
    const params = { access_token: await this.getToken() }
    const url = `${wechatBase}/wxa/business/getuserphonenumber`
    return (await this.ask(this.http.post(url, { code, openid }, { params }))).phone_info.purePhoneNumber
  }

  async getToken() {
    if (Date.now() >= this.token.endsAt) {
      const body = { grant_type: 'client_credential', appid, secret }
      const answer = await this.ask(this.http.post(`${wechatBase}/cgi-bin/stable_token`, body))
      this.token = { text: answer.access_token, endsAt: Date.now() + (answer.expires_in - 300) * 1000 }
    }
    return this.token.text
  }

  async ask(observable) {
    const { data } = await firstValueFrom(observable)
    if (data.errcode) throw new BadRequestException(`WeChat: ${data.errcode}`)
    return data
  }
}
decorateClass(WechatService, [Injectable()], [Inject(HttpService)])
