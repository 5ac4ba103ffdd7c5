import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import type { Login } from '../login/create-login.js'

/** WeChat's pushes are below 4 KiB; what is larger is none. */
const bodyLimitBytes = 64 * 1024

const params = Type.Object({ appid: Type.String({ maxLength: 64 }) })
const path = '/wechat/push/:appid'

/** The address that WeChat pushes to (开发管理 → 消息推送配置). Its answers are plain texts, as WeChat wants them. */
export async function addPushRoutes(app: FastifyInstance, login: Login): Promise<void> {
  await app.register(async scope => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { parseAs: 'string', bodyLimit: bodyLimitBytes }, (_request, body, done) =>
      done(null, body),
    )

    scope.get(
      path,
      { schema: { tags: ['Service'], summary: "WeChat's check of this address", params } },
      async (request, reply) => {
        const { appid } = request.params as { appid: string }
        return reply
          .type('text/plain; charset=utf-8')
          .send(login.answerPushCheck(appid, request.query as Record<string, unknown>))
      },
    )

    scope.post(
      path,
      { schema: { tags: ['Service'], summary: 'What WeChat pushes: a person took a permission back', params } },
      async (request, reply) => {
        const { appid } = request.params as { appid: string }
        const body = typeof request.body === 'string' ? request.body : ''
        return reply
          .type('text/plain; charset=utf-8')
          .send(await login.receivePush(appid, request.query as Record<string, unknown>, body))
      },
    )
  })
}
