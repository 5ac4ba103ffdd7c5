/**
 * Whether a peer does what it is measured for: who logs in again is the same account, and a wrong code, no token and a
 * forged token are refused. What the load checks of each answer is not repeated here.
 *
 * @returns what is wrong, a sentence each
 */
export async function checkPeer(rig, running, setting) {
  const { peer } = running
  const { requests } = peer
  const ask = (verb, value) => rig.load.ask('probe', { verb, value })
  const open = servers => {
    const ports = servers.map(server => server.port)
    return rig.load.ask('open', { peer: peer.name, ports, count: 1, accounts: setting.accounts, firstNew: 0 })
  }
  const problems = []
  const expect = (isRight, problem) => void (isRight || problems.push(`${peer.title}: ${problem}`))

  await open(running.servers)
  const newcomer = setting.accounts + 1
  const [first, again] = [await ask('login', newcomer), await ask('login', newcomer)]
  expect(first.status === 200 && again.status === 200, `a login was answered with ${first.status}, ${again.status}`)
  const [id, sameId] = [first, again].map(({ body }) => requests.accountIdOf(body))
  expect(id === sameId, 'two logins of one person made two accounts')
  const wrong = await ask('login', Number.NaN)
  expect(wrong.status >= 400 && wrong.status < 500, `a wrong code was answered with ${wrong.status}`)
  const nobody = await ask('me')
  expect(nobody.status === 401 || nobody.body === 'null', `no token was answered with ${nobody.status}`)

  await running.startBackends()
  await open(running.backends)
  const token = requests.accessTokenOf(first.body)
  const verified = await ask('verify', token)
  const isVerified = requests.expectsVerified(id).every(part => verified.body.includes(part))
  expect(verified.status === 200 && isVerified, `a good token was answered with ${verified.status}: ${verified.body}`)
  const forged = await ask('verify', forge(token))
  expect(forged.status === 401, `a forged token was answered with ${forged.status}`)
  return problems
}

/** The token with another letter in its middle, and one near its end: signatures and random texts break alike. */
function forge(token) {
  const letters = [...token]
  for (const at of [Math.floor(letters.length / 2), letters.length - 5]) letters[at] = letters[at] === 'x' ? 'y' : 'x'
  return letters.join('')
}
