/** `npm run server`: the shop's back end beside `npm start` of mplogin. */
import { createOrders } from './orders.js'

const { LOGIN_URL = 'http://127.0.0.1:3000', PAGE_ORIGINS = 'http://127.0.0.1:5173,http://localhost:5173' } =
  process.env
const port = Number(process.env.PORT ?? 3002)

createOrders(LOGIN_URL, { pageOrigins: PAGE_ORIGINS.split(',') }).listen(port, '127.0.0.1', () => {
  process.stdout.write(`orders: http://127.0.0.1:${port}\n`)
})
