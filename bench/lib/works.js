/** A prime that no number of accounts is a multiple of: steps of it visit everybody, in an order that no index likes. */
const stride = 611_953

/**
 * The kinds of work. Each gives, for a connection, the next request and what its answer must contain, or undefined when
 * there is nothing left to ask.
 *
 * @param requests the peer's wire
 * @param state `accounts` seeded, `nextNew` the number of the next new person, `signedIn` whose tokens are known, `unseen`
 *   whose tokens were never presented
 */
export function createWorks(requests, state) {
  let turn = 0
  const someone = () => (++turn * stride) % state.accounts
  const caller = () => state.signedIn[++turn % state.signedIn.length]
  const verifying = ({ accountId, accessToken }) => ({
    text: requests.verify(accessToken),
    expected: requests.expectsVerified(accountId),
  })

  return {
    returning() {
      const number = someone()
      return { text: requests.login(number), expected: requests.expectsReturning(number) }
    },
    new() {
      const number = state.nextNew++
      return { text: requests.login(number), expected: requests.expectsNew(number) }
    },
    phone() {
      const number = someone()
      return { text: requests.loginByPhone(number), expected: requests.expectsPhone(number) }
    },
    me() {
      const { number, accessToken } = caller()
      return { text: requests.me(accessToken), expected: requests.expectsMe(number) }
    },
    verify: () => verifying(caller()),
    verifyOnce() {
      const owner = state.unseen.pop()
      return owner && verifying(owner)
    },
    plain: () => ({ text: requests.plain(), expected: ['"orders":[]'] }),
    /** A session is refreshed by one connection at a time: whoever takes it puts it back with its next token. */
    refresh() {
      const session = state.signedIn.shift()
      return {
        text: requests.refresh(session.refreshToken),
        expected: ['"refreshToken":"'],
        onAnswer(body) {
          session.refreshToken = requests.refreshTokenOf(body) ?? session.refreshToken
          state.signedIn.push(session)
        },
      }
    },
  }
}
