import { createHash } from 'node:crypto'
import { AwsClient } from 'aws4fetch'
import { secondMs } from '../clock.js'
import type { AvatarStorage } from './avatar-storage.js'

/** A bucket of S3, or of what speaks its protocol (MinIO, Aliyun OSS, Tencent COS). */
export interface S3Bucket {
  /** The address that names of objects are put behind, such as `https://bucket.s3.eu-central-1.amazonaws.com`. */
  readonly url: string
  readonly region: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

const timeoutMs = 5 * secondMs
const retries = 2

/**
 * Pictures as objects of a bucket. The bucket stays private: the service reads for whoever looks.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html
 */
export function createS3Storage({ url, region, accessKeyId, secretAccessKey }: S3Bucket): AvatarStorage {
  const client = new AwsClient({ accessKeyId, secretAccessKey, region, service: 's3', retries })
  const base = url.replace(/\/+$/, '')

  async function ask(method: string, name: string, body?: Buffer): Promise<Response> {
    const headers = {
      'x-amz-content-sha256': createHash('sha256')
        .update(body ?? '')
        .digest('hex'),
      ...(body && { 'content-type': 'image/jpeg' }),
    }
    const signal = AbortSignal.timeout(timeoutMs)
    const response = await client.fetch(`${base}/${name}`, { method, headers, signal, ...(body && { body }) })
    if (response.ok || (response.status === 404 && method !== 'PUT')) return response
    const [, code] = /<Code>(\w+)<\/Code>/.exec(await response.text()) ?? []
    // So S3 answers for an object that is not there, to a key that may not list the bucket.
    if (method === 'GET' && code === 'AccessDenied') return response
    throw new Error(`HTTP ${response.status}${code === undefined ? '' : ` ${code}`}`)
  }

  return {
    async put(name, picture) {
      await ask('PUT', name, picture)
    },
    async get(name) {
      const response = await ask('GET', name)
      return response.ok ? Buffer.from(await response.arrayBuffer()) : undefined
    },
    async remove(name) {
      await ask('DELETE', name)
    },
  }
}
