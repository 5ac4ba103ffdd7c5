const env = import.meta.env

/** Where the login server is. */
export const loginUrl = env.VITE_LOGIN_URL
/** Where the shop's own back end is; it knows people by the tokens of the login server. */
export const ordersUrl = env.VITE_ORDERS_URL
