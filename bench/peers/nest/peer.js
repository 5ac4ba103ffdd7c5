import { randomBytes } from 'node:crypto'
import { contract } from '../contract.js'

/** Nest. */
export const nest = {
  name: 'nest',
  title: 'Nest',
  about: 'Nest on Express, TypeORM, @nestjs/axios, @nestjs/jwt (HS256)',
  packages: ['@nestjs/core', 'typeorm', '@nestjs/axios', '@nestjs/jwt'],
  databases: ['postgres'],
  lacks: { refresh: 'not written', verifyOnce: 'as above' },
  server: { module: 'peers/nest/server.js' },
  backend: { module: 'peers/nest/backend.js' },
  environment: () => ({ TOKEN_SECRET: randomBytes(32).toString('base64') }),
  accountsTable: 'users',
  seed: () => import('./seed.js'),
  requests: contract,
}
