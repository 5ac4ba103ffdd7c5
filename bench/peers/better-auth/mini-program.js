import { APIError, createAuthEndpoint } from 'better-auth/api'
import { setSessionCookie } from 'better-auth/cookies'
import * as z from 'zod'
import { defaultAvatar, maskPhone, randomNickname } from '../settings.js'

const providerId = 'wechat-mini-program'

/**
 * Login of a mini program as a plugin: what better-auth's own plugins for other proofs do, by the same adapter calls.
 *
 * @param wechat `exchangeCode(code)` gives the openid, `getPhone(code, openid)` the number
 */
export function miniProgram(wechat) {
  return {
    id: 'mini-program',
    schema: { user: { fields: { phoneNumber: { type: 'string', required: false, unique: true } } } },
    endpoints: {
      signInMiniProgram: createAuthEndpoint(
        '/mini-program/login',
        { method: 'POST', body: z.object({ code: z.string() }) },
        async ctx => {
          const openid = await wechat.exchangeCode(ctx.body.code)
          return signIn(ctx, (await findOwner(ctx, openid)) ?? (await register(ctx, openid)))
        },
      ),
      signInMiniProgramPhone: createAuthEndpoint(
        '/mini-program/login-by-phone',
        { method: 'POST', body: z.object({ code: z.string(), loginCode: z.string() }) },
        async ctx => {
          const openid = await wechat.exchangeCode(ctx.body.loginCode)
          const phoneNumber = await wechat.getPhone(ctx.body.code, openid)
          const found = await findOwner(ctx, openid)
          if (!found) return signIn(ctx, await register(ctx, openid, phoneNumber))
          if (found.user.phoneNumber === phoneNumber) return signIn(ctx, found)
          const user = await ctx.context.internalAdapter.updateUser(found.user.id, { phoneNumber })
          return signIn(ctx, { user, isNewUser: false })
        },
      ),
    },
  }
}

async function findOwner(ctx, openid) {
  const owner = await ctx.context.internalAdapter.findAccountOwnerByKey({ providerId, accountId: openid })
  return owner?.kind === 'owned' ? { user: owner.user, isNewUser: false } : undefined
}

/** A user must have an address: one is made of the openid. */
async function register(ctx, openid, phoneNumber) {
  const { user } = await ctx.context.internalAdapter.createOAuthUser(
    {
      ...{ email: `${openid.toLowerCase()}@mini-program.invalid`, emailVerified: false },
      ...{ name: randomNickname(), image: defaultAvatar },
      ...(phoneNumber !== undefined && { phoneNumber }),
    },
    { providerId, accountId: openid },
  )
  return { user, isNewUser: true }
}

async function signIn(ctx, { user, isNewUser }) {
  const session = await ctx.context.internalAdapter.createSession(user.id)
  if (!session) throw new APIError('INTERNAL_SERVER_ERROR')
  await setSessionCookie(ctx, { session, user })
  const { id, name, image, phoneNumber, createdAt } = user
  const phone = phoneNumber ? maskPhone(phoneNumber) : null
  return ctx.json({
    user: { id, nickname: name, avatar: image, phone, phoneBound: phone !== null, createdAt },
    accessToken: session.token,
    isNewUser,
  })
}
