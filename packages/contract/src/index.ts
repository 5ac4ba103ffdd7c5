export { developmentApp } from './development-app.js'
export { type ErrorCode, errorCodes, errorStatus, isErrorCode } from './errors.js'
export { preferredLanguage } from './language.js'
export {
  type CodeHint,
  codeHints,
  errorMessages,
  type Language,
  type Message,
  type SuccessMessage,
  successMessages,
} from './messages.js'
export { commonErrors, type Route, type RouteName, routes } from './routes.js'
export { ConflictChoice, conflictChoices, ResolveConflictRequest } from './schemas/conflict.js'
export { ErrorDetail, Failure, Success } from './schemas/envelope.js'
export {
  BindPhoneAnswer,
  BindPhoneRequest,
  LoginAnswer,
  LoginByPhoneRequest,
  LoginHeaders,
  LoginRequest,
  Outcome,
  outcomes,
} from './schemas/login.js'
export { Session, SessionParams, SessionsAnswer } from './schemas/session.js'
export { LogoutRequest, RefreshRequest, TokenPair } from './schemas/token.js'
export { AvatarUpload, maxAvatarBytes, UpdateUserRequest, User, UserAnswer } from './schemas/user.js'
