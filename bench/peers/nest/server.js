/** The same login as a Nest application: TypeORM, @nestjs/axios, @nestjs/jwt. */
import 'reflect-metadata'
import { HttpModule } from '@nestjs/axios'
import { Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { JwtModule } from '@nestjs/jwt'
import { TypeOrmModule } from '@nestjs/typeorm'
import { settings } from '../settings.js'
import { AuthController } from './auth-controller.js'
import { decorateClass } from './decorate.js'
import { User, UsersService } from './users-service.js'
import { WechatService } from './wechat-service.js'

class AppModule {}
decorateClass(AppModule, [
  Module({
    imports: [
      HttpModule,
      JwtModule.register({ secret: settings.tokenSecret, signOptions: { expiresIn: '15m' } }),
      TypeOrmModule.forRoot({
        type: 'postgres',
        url: settings.databaseUrl,
        entities: [User],
        synchronize: settings.migrates,
      }),
      TypeOrmModule.forFeature([User]),
    ],
    controllers: [AuthController],
    providers: [UsersService, WechatService],
  }),
])

const app = await NestFactory.create(AppModule, { logger: ['error', 'warn'] })
await app.listen(settings.port, '127.0.0.1')
