import pLimit from 'p-limit'
import { LoginError } from '../errors.js'

type Sharp = typeof import('sharp')['default']

/** Side of the square that is kept, in pixels: three times what a profile page shows. */
const maxSide = 512
/** What a phone's camera takes, and no more: unpacked, these fit into memory. */
const maxPixels = 25_000_000
const decodingLimitSeconds = 5
/** The background of transparent pictures: JPEG has no transparency. */
const background = '#ffffff'

/** Pictures that are unpacked at once: each may take 100 MB for a moment. */
const unpacking = pLimit(2)

/** The first bytes of what is taken. SVG is not: it is a program. */
const signatures = [
  { format: 'jpeg', isOne: (bytes: Buffer) => bytes.subarray(0, 3).equals(Buffer.from([0xff, 0xd8, 0xff])) },
  { format: 'png', isOne: (bytes: Buffer) => bytes.subarray(0, 8).toString('latin1') === '\x89PNG\r\n\x1a\n' },
  { format: 'gif', isOne: (bytes: Buffer) => /^GIF8[79]a/.test(bytes.subarray(0, 6).toString('latin1')) },
  { format: 'webp', isOne: (bytes: Buffer) => /^RIFF.{4}WEBP/s.test(bytes.subarray(0, 12).toString('latin1')) },
] as const

/**
 * Makes the picture that is kept of an uploaded file: a square JPEG of 512 pixels at most, upright, without what the
 * file said about camera and place. Its type is told by its content; whatever else the file held is left behind.
 *
 * @throws LoginError SERVICE_UNAVAILABLE the machine is too busy · IMAGE_INVALID no JPEG, PNG, WebP or GIF, broken off, or of more than 25 million pixels
 */
export async function toPicture(file: Buffer): Promise<Buffer> {
  const format = signatures.find(({ isOne }) => isOne(file))?.format
  if (!format) throw new LoginError('IMAGE_INVALID', 'the file is none of the picture types that are taken')
  // Loaded with the first upload: a service that is asked for none starts without it. Where it cannot be loaded the server
  // is broken, not the picture.
  const { default: sharp } = await import('sharp')
  try {
    return await unpacking(() => reencode(sharp, file, format))
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    if (/timeout/i.test(reason))
      throw new LoginError('SERVICE_UNAVAILABLE', 'unpacking pictures takes too long', { cause, retryAfterSeconds: 10 })
    throw new LoginError('IMAGE_INVALID', `the ${format} file cannot be unpacked: ${reason}`, { cause })
  }
}

async function reencode(sharp: Sharp, file: Buffer, format: string): Promise<Buffer> {
  const image = sharp(file, { limitInputPixels: maxPixels, failOn: 'error' })
  const found = await image.metadata()
  if (found.format !== format) throw new TypeError(`its content is ${found.format}`)
  const side = Math.min(maxSide, found.width, found.height)
  return image
    .timeout({ seconds: decodingLimitSeconds })
    .autoOrient()
    .resize(side, side)
    .flatten({ background })
    .jpeg({ quality: 85 })
    .toBuffer()
}
