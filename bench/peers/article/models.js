import { DataTypes, Sequelize } from 'sequelize'

/** The article's one model. Its unique columns are our kindness: without them there are two accounts of one person. */
export function createModels(url) {
  const sequelize = new Sequelize(url, { logging: false })
  const user = sequelize.define('user', {
    nickname: DataTypes.STRING,
    openid: { type: DataTypes.STRING, unique: true },
    phone: { type: DataTypes.STRING, unique: true },
    avatar: DataTypes.STRING,
  })
  return { sequelize, user }
}
