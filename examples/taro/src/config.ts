/** Your two servers; in the released mini program both are https domains that are registered in the WeChat console. */
export const loginUrl = 'http://127.0.0.1:3000'
export const ordersUrl = 'http://127.0.0.1:3002'
