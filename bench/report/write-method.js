import { short } from './cells.js'
import { summaryOf } from './summarize.js'

/** How the figures came to be, and what speaks against them. */
export function writeMethod(results) {
  const [{ options }] = Object.values(results)
  return `## How it is measured

- Each peer is started by one command, in production mode, on a fresh copy of a database with accounts in it, and warmed up for
  ${options.warmUpSeconds} s and more (4 s for each work) by all that it is about to do. Then each work runs for ${options.seconds} s, the load going on before and after. Rounds are interleaved:
  one of each peer, then again. A million accounts are not copied: each round goes on with the database of the one before.
- Of ${options.rounds} rounds those count during which others used the machine least (by /proc: what all processors did, less what the bench itself did),
  60 % of them and at least 3, whatever they measured. A figure is their median. p99 is told of 300 requests a round and more, p99.9 of 3000.
- CPU is that of the server process alone (\`process.cpuUsage\`; of workers, all of them), database CPU that of all the database server's processes.
  Statements are counted on their way to the database in a run of their own: Query and Execute messages, begin and commit among them.
- The load comes from a process of its own: 64 connections, the next request when the former was answered. Every answer is read; one that is not
  200, names another person or brings no token is counted as wrong, and would be in the table. Where the
  load used all of its processor, "(load)" stands beside the rate: the server could have answered more.
- The floor is Fastify with prepared statements over \`pg\`, an undici Pool and ES256 by node:crypto: one statement a login, no sessions, no
  refresh, no audit, no limits, no metrics, no log. It does not check what it is sent.
- mplogin is as it comes: sessions stored, audit, events, metrics, a log line for each request to a file, and the rate limit counting each
  request. Only its ceiling is raised, to 10,000,000 a minute, since all of the load comes from one address; so is better-auth's.
- \`/me\` and refresh are asked with the tokens of 1000 people, over and over.
- Token verification is a business back end, a process of its own: Fastify with node:crypto beside the floor, Fastify with \`@mplogin/verify\`
  beside mplogin, and what each of the others would take. It sees 1000 different tokens, over and over, as a back end does whose
  callers ask more than once in the 15 minutes that a token lives; what was verified may be remembered${rememberText(results)}.
  For "each token once" 20,000 more tokens are presented a single time, so that nothing can be remembered; for 1 s, since then they are used up.
  "The same without verification" is another route of the same back end, to tell what HTTP costs from what verification does.
  None but better-auth asks whether the session still lives; it does so by design.
- Logins bring what mplogin's SDK sends: both codes for a phone login, and an Idempotency-Key. The article's phone login takes the phone
  code alone and asks WeChat for an access token each time, as articles do.
- The race: people who are new, one after the other, each with 20 requests on 20 connections at once.
- Several processes have a port each, and the load divides its connections among them: a load balancer that costs nothing. Workers share one port.
- WeChat is a stub that answers at once, or after the time that is told; its CPU is in no figure but the room for a second process.
- A peer's kindnesses: unique columns for the article, the index on account(providerId, accountId) for better-auth, SQL logs off.
- What speaks against it: load, database and server share ${results[Object.keys(results)[0]].machine.cores} cores, so that requests/s and latencies are those of a crowded machine; CPU is
  the figure to compare. The peers besides mplogin were written by us, as their documentation shows, not by their authors.`
}

/** Whether remembering makes the difference was measured, so it is told. */
function rememberText({ verify }) {
  const [again, once] = ['verify', 'verifyOnce'].map(work => summaryOf(verify?.settings[0].records, 'ours', work)?.cpu)
  if (!again || !once) return ''
  return ` (mplogin: ${short(again.median)} CPU s per 1000, and ${short(once.median)} for tokens seen for the first time)`
}
