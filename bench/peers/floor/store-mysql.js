import mysql from 'mysql2/promise'

const columns = 'id, nickname, avatar, phone, created_at'
const table = `create table if not exists users (
  id varchar(36) primary key, openid varchar(64) not null unique, phone varchar(32) unique, nickname varchar(64) not null,
  avatar varchar(255) not null, created_at bigint not null, last_seen_at bigint not null)`
const signIn = `insert into users (id, openid, phone, nickname, avatar, created_at, last_seen_at)
  values (?, ?, ?, ?, ?, ?, ?)
  on duplicate key update last_seen_at = values(last_seen_at), phone = coalesce(values(phone), phone)
  returning ${columns}`

/** MariaDB, through prepared statements; who got the id that was offered is new. */
export function openMysql(url) {
  const pool = mysql.createPool({ uri: url, connectionLimit: 10 })
  return {
    migrate: () => pool.query(table),
    async signIn({ id, openid, phone, nickname, avatar, at }) {
      const [rows] = await pool.execute(signIn, [id, openid, phone, nickname, avatar, at, at])
      return { ...rows[0], is_new: rows[0].id === id }
    },
    find: async id => (await pool.execute(`select ${columns} from users where id = ?`, [id]))[0][0],
  }
}
