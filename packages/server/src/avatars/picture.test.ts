import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { LoginError } from '../errors.js'
import { toPicture } from './picture.js'

const plain = (width: number, height: number, background = '#c03020') =>
  sharp({ create: { width, height, channels: 3, background } })

const refusal = async (file: Buffer) => {
  const error = await toPicture(file).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(LoginError)
  return (error as LoginError).code
}

/** The colour in the middle of a picture. */
const colourOf = async (picture: Buffer, left: number, top: number) => {
  const { data } = await sharp(picture)
    .extract({ left, top, width: 1, height: 1 })
    .raw()
    .toBuffer({ resolveWithObject: true })
  return [...data]
}

describe('toPicture', () => {
  it.each(['jpeg', 'png', 'webp', 'gif'] as const)('makes a square JPEG of a %s file', async format => {
    const picture = await toPicture(await plain(1200, 800).toFormat(format).toBuffer())
    expect(await sharp(picture).metadata()).toMatchObject({ format: 'jpeg', width: 512, height: 512 })
    const [red = 0, green = 0] = await colourOf(picture, 256, 256)
    expect(red).toBeGreaterThan(170)
    expect(green).toBeLessThan(70)
  })

  it('takes the first picture of an animation', async () => {
    const frames = [plain(64, 64, '#ff0000'), plain(64, 64, '#0000ff')].map(frame => frame.png().toBuffer())
    const animation = await sharp(await Promise.all(frames), { join: { animated: true } })
      .gif()
      .toBuffer()
    const [red = 0, , blue = 0] = await colourOf(await toPicture(animation), 32, 32)
    expect([red > 200, blue < 50]).toEqual([true, true])
  })

  it('does not blow up what is small', async () => {
    expect(await sharp(await toPicture(await plain(100, 60).png().toBuffer())).metadata()).toMatchObject({
      width: 60,
      height: 60,
    })
  })

  it('turns upright what a phone took sideways, and leaves out where it was taken', async () => {
    const file = await plain(300, 300)
      .composite([{ input: await plain(300, 100, '#0000ff').png().toBuffer(), top: 0, left: 0 }])
      .withExif({ IFD0: { Copyright: 'somebody' }, IFD3: { GPSLatitude: '31/1 13/1 0/1' } })
      .withMetadata({ orientation: 3 })
      .jpeg()
      .toBuffer()
    expect(file.includes('somebody')).toBe(true)
    const picture = await toPicture(file)
    const found = await sharp(picture).metadata()
    expect([found.exif, found.orientation]).toEqual([undefined, undefined])
    expect(picture.includes('somebody')).toBe(false)
    // The blue bar lay on top of what stands on its head.
    const [, , blue = 0] = await colourOf(picture, 150, 290)
    expect(blue).toBeGreaterThan(200)
  })

  it('puts white behind what is transparent', async () => {
    const file = await sharp({ create: { width: 50, height: 50, channels: 4, background: '#00000000' } })
      .png()
      .toBuffer()
    expect(await colourOf(await toPicture(file), 25, 25)).toEqual([255, 255, 255])
  })

  it('leaves behind whatever a file holds besides its picture', async () => {
    const picture = await toPicture(
      Buffer.concat([await plain(50, 50).jpeg().toBuffer(), Buffer.from('<script>alert(1)</script>')]),
    )
    expect(picture.includes('<script>')).toBe(false)
  })

  it('refuses what is no picture, whatever it is called', async () => {
    const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><script>1</script></svg>'
    const tiff = await plain(20, 20).tiff().toBuffer()
    const files = ['', 'x', 'GIF89a', '\xff\xd8\xff', '<html></html>', svg, `<?xml version="1.0"?>${svg}`, '%PDF-1.4']
    for (const file of files)
      expect([file, await refusal(Buffer.from(file, 'latin1'))]).toEqual([file, 'IMAGE_INVALID'])
    expect(await refusal(tiff)).toBe('IMAGE_INVALID')
    expect(await refusal(Buffer.concat([Buffer.from('GIF89a'), tiff]))).toBe('IMAGE_INVALID')
  })

  it('refuses a file that broke off on its way', async () => {
    const file = await plain(800, 800).jpeg().toBuffer()
    expect(await refusal(file.subarray(0, file.length / 2))).toBe('IMAGE_INVALID')
    const png = await plain(800, 800).png().toBuffer()
    expect(await refusal(png.subarray(0, png.length / 2))).toBe('IMAGE_INVALID')
  })

  it('refuses a small file that would unpack to a huge picture', async () => {
    const bomb = await plain(6000, 6000).png({ compressionLevel: 9 }).toBuffer()
    expect(bomb.length).toBeLessThan(1024 * 1024)
    expect(await refusal(bomb)).toBe('IMAGE_INVALID')
  })
})
