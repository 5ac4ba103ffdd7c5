/** A business back end beside it: Nest with the same guard. */
import 'reflect-metadata'
import { Controller, Get, Module, Req, UseGuards } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { JwtModule } from '@nestjs/jwt'
import { settings } from '../settings.js'
import { AuthGuard } from './auth-guard.js'
import { decorateClass, decorateMethod } from './decorate.js'

class OrdersController {
  orders(request) {
    return { accountId: request.user.sub, orders: [] }
  }

  plain() {
    return { orders: [] }
  }
}
decorateClass(OrdersController, [Controller()])
decorateMethod(OrdersController, 'orders', [Get('orders'), UseGuards(AuthGuard)], [Req()])

decorateMethod(OrdersController, 'plain', [Get('plain')])

class AppModule {}
decorateClass(AppModule, [
  Module({ imports: [JwtModule.register({ secret: settings.tokenSecret })], controllers: [OrdersController] }),
])

const app = await NestFactory.create(AppModule, { logger: ['error', 'warn'] })
await app.listen(settings.port, '127.0.0.1')
