/** Express 4 under another name, beside Express 5, whose types fit what the tests use. */
declare module 'express4' {
  export { default } from 'express'
}
