import pg from 'pg'

const columns = 'id, nickname, avatar, phone, created_at'
const table = `create table if not exists users (
  id uuid primary key, openid text not null unique, phone text unique, nickname text not null, avatar text not null,
  created_at bigint not null, last_seen_at bigint not null)`
const signIn = {
  name: 'sign-in',
  text: `insert into users (id, openid, phone, nickname, avatar, created_at, last_seen_at)
    values ($1, $2, $3, $4, $5, $6, $6)
    on conflict (openid) do update
      set last_seen_at = excluded.last_seen_at, phone = coalesce(excluded.phone, users.phone)
    returning ${columns}, xmax = 0 as is_new`,
}
const find = { name: 'find', text: `select ${columns} from users where id = $1` }

/** PostgreSQL, through prepared statements. */
export function openPostgres(url) {
  const pool = new pg.Pool({ connectionString: url })
  pg.types.setTypeParser(pg.types.builtins.INT8, Number)
  return {
    migrate: () => pool.query(table),
    async signIn({ id, openid, phone, nickname, avatar, at }) {
      const values = [id, openid, phone, nickname, avatar, at]
      return (await pool.query({ ...signIn, values })).rows[0]
    },
    find: async id => (await pool.query({ ...find, values: [id] })).rows[0],
  }
}
