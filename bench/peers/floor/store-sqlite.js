import Database from 'libsql'

const columns = 'id, nickname, avatar, phone, created_at'
const table = `create table if not exists users (
  id text primary key, openid text not null unique, phone text unique, nickname text not null, avatar text not null,
  created_at integer not null, last_seen_at integer not null)`
const signInText = `insert into users (id, openid, phone, nickname, avatar, created_at, last_seen_at)
  values (?, ?, ?, ?, ?, ?, ?)
  on conflict (openid) do update
    set last_seen_at = excluded.last_seen_at, phone = coalesce(excluded.phone, users.phone)
  returning ${columns}`

/** SQLite with a write-ahead log and an fsync at every commit, one commit a login. */
export function openSqlite(path) {
  const db = new Database(path, { timeout: 5000 })
  db.pragma('journal_mode = wal')
  db.pragma('synchronous = full')
  const statements = {}
  const prepared = (name, text) => {
    statements[name] ??= db.prepare(text)
    return statements[name]
  }
  return {
    migrate: async () => db.exec(table),
    async signIn({ id, openid, phone, nickname, avatar, at }) {
      const row = prepared('signIn', signInText).get(id, openid, phone, nickname, avatar, at, at)
      return { ...row, is_new: row.id === id }
    },
    find: async id => prepared('find', `select ${columns} from users where id = ?`).get(id),
  }
}
