import { execFileSync } from 'node:child_process'
import { createPrivateKey, createPublicKey } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Somebody with a key, a certificate of it, and a server that hands both to whoever asks. */
export type Attacker = Awaited<ReturnType<typeof startAttacker>>

export async function startAttacker() {
  const { key, certificate } = makeCertificate()
  const privateKey = createPrivateKey(key)
  const jwk = { ...createPublicKey(privateKey).export({ format: 'jwk' }), kid: 'attacker', alg: 'ES256', use: 'sig' }
  let requests = 0
  const server = createServer(({ url }, response) => {
    requests++
    response.end(url === '/jwks.json' ? JSON.stringify({ keys: [jwk] }) : certificate)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    privateKey,
    jwk,
    /** In base64, as `x5c` holds it. */
    certificate: certificate.replace(/-.*-|\s/g, ''),
    url: `http://127.0.0.1:${(server.address() as { port: number }).port}`,
    /** How often anybody asked. */
    requests: () => requests,
    close: () => new Promise(resolve => server.close(resolve)),
  }
}

/** A key of P-256 and a certificate that it gave itself, in PEM. */
function makeCertificate(): { key: string; certificate: string } {
  const directory = mkdtempSync(join(tmpdir(), 'mplogin-attacker-'))
  const file = (name: string) => join(directory, name)
  try {
    execFileSync(
      'openssl',
      [
        ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
        ...['-keyout', file('key'), '-out', file('certificate'), '-subj', '/CN=mplogin'],
      ],
      { stdio: 'ignore' },
    )
    return { key: readFileSync(file('key'), 'utf8'), certificate: readFileSync(file('certificate'), 'utf8') }
  } finally {
    rmSync(directory, { recursive: true })
  }
}
