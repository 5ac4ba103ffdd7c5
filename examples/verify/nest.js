/**
 * A business back end on Nest: its orders belong to mplogin's accounts. In TypeScript the decorators stand before class,
 * method and parameter: `@Controller('orders')`, `@Get()`, `list(@CurrentAccount() account: Account)`.
 */
import 'reflect-metadata'
import { createVerifier } from '@mplogin/verify'
import { CurrentAccount, createAccountGuard } from '@mplogin/verify/nest'
import { Controller, Get, Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'

class OrdersController {
  list(account) {
    return { of: account.id }
  }
}
Controller('orders')(OrdersController)
Get()(OrdersController.prototype, 'list', Object.getOwnPropertyDescriptor(OrdersController.prototype, 'list'))
CurrentAccount()(OrdersController.prototype, 'list', 0)

class OrdersModule {}
Module({ controllers: [OrdersController] })(OrdersModule)

export async function createOrders(loginUrl) {
  const verifier = createVerifier({
    issuer: 'mplogin',
    audience: 'mplogin',
    jwksUri: `${loginUrl}/.well-known/jwks.json`,
  })
  const app = await NestFactory.create(OrdersModule, { logger: false })
  app.useGlobalGuards(createAccountGuard(verifier))
  return app
}
