import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Sha256 } from '@aws-crypto/sha256-js'
import { HttpRequest } from '@smithy/protocol-http'
import { SignatureV4 } from '@smithy/signature-v4'
import S3rver from 's3rver'

const keys = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' }
const region = 'us-east-1'

/**
 * An S3 with one bucket: s3rver, and before it a gate that checks each request's signature with AWS's own code, which
 * s3rver does only in part.
 */
export async function startS3() {
  const directory = mkdtempSync(join(tmpdir(), 'mplogin-s3-'))
  const s3rver = new S3rver({ silent: true, directory, configureBuckets: [{ name: 'avatars', configs: [] }] })
  await s3rver.configureBuckets()
  const behind = createServer(s3rver.getMiddleware())
  await listen(behind)
  const gate = createServer(async (request, response) => {
    const body = await bytesOf(request)
    const fault = await faultOf(request, body)
    if (fault !== undefined) {
      response.writeHead(403).end(`<?xml version="1.0"?><Error><Code>${fault}</Code></Error>`)
      return
    }
    const headers = Object.fromEntries(
      Object.entries(request.headers).filter(
        ([name]) => !/^(authorization|host|connection|content-length|transfer-encoding|x-amz-)/.test(name),
      ),
    ) as Record<string, string>
    const { method = 'GET', url = '/' } = request
    const answer = await fetch(urlOf(behind) + url, {
      method,
      headers,
      ...(body.length > 0 && { body: new Uint8Array(body) }),
    })
    response.writeHead(answer.status).end(Buffer.from(await answer.arrayBuffer()))
  })
  await listen(gate)
  return {
    bucket: `${urlOf(gate)}/avatars`,
    region,
    ...keys,
    async close() {
      await Promise.all([gate, behind].map(server => promisify(server.close.bind(server))()))
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** Why S3 would refuse the request, if it would. */
async function faultOf(request: IncomingMessage, body: Buffer): Promise<string | undefined> {
  const { authorization = '', 'x-amz-date': date = '', 'x-amz-content-sha256': declared } = request.headers
  const [, id, names = ''] = /Credential=(\w+)\/.*SignedHeaders=([\w;-]+)/.exec(authorization) ?? []
  if (id !== keys.accessKeyId) return 'InvalidAccessKeyId'
  const hash = new Sha256()
  hash.update(body)
  if (declared !== Buffer.from(await hash.digest()).toString('hex')) return 'XAmzContentSHA256Mismatch'
  const headers = Object.fromEntries(names.split(';').map(name => [name, String(request.headers[name])]))
  const signer = new SignatureV4({ service: 's3', region, credentials: keys, sha256: Sha256, uriEscapePath: false })
  const { method = 'GET', url: path = '/' } = request
  const signingDate = new Date(String(date).replace(/^(....)(..)(..T..)(..)(..Z)$/, '$1-$2-$3:$4:$5'))
  const hostname = String(request.headers.host)
  const signed = await signer.sign(new HttpRequest({ method, hostname, path, headers, body }), {
    signingDate,
    signableHeaders: new Set(names.split(';')),
  })
  const signatureOf = (text: unknown) => /Signature=(\w+)/.exec(String(text))?.[1]
  return signatureOf(signed.headers.authorization) === signatureOf(authorization) ? undefined : 'SignatureDoesNotMatch'
}

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks)
}

function listen(server: Server): Promise<void> {
  return new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
}

function urlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
