import { Inject, Injectable } from '@nestjs/common'
import { getRepositoryToken } from '@nestjs/typeorm'
import { EntitySchema } from 'typeorm'
import { defaultAvatar, randomNickname } from '../settings.js'
import { decorateClass } from './decorate.js'

export const User = new EntitySchema({
  name: 'User',
  tableName: 'users',
  columns: {
    id: { type: 'uuid', primary: true, generated: 'uuid' },
    openid: { type: String, unique: true },
    phone: { type: String, unique: true, nullable: true },
    nickname: { type: String },
    avatar: { type: String },
    createdAt: { type: 'timestamptz', createDate: true },
    updatedAt: { type: 'timestamptz', updateDate: true },
  },
})

/** Finds a user, or makes one: a read, and a save of what is new. */
export class UsersService {
  constructor(users) {
    this.users = users
  }

  find(id) {
    return this.users.findOneBy({ id })
  }

  async findOrCreate({ openid, phone }) {
    const found = await this.users.findOneBy({ openid })
    if (found && (phone === undefined || found.phone === phone)) return { user: found, isNewUser: false }
    const user = found ?? this.users.create({ openid, nickname: randomNickname(), avatar: defaultAvatar })
    if (phone !== undefined) user.phone = phone
    return { user: await this.users.save(user), isNewUser: found === null }
  }
}
decorateClass(UsersService, [Injectable()], [Inject(getRepositoryToken(User))])
