import { checkTarget, headerObject, headersOf } from './http.js'
import { runTask, type Sender, type WxRequestResult } from './request.js'
import { failure, type WxCallbacks } from './settle.js'
import type { WxTask } from './task.js'

/** What wx.uploadFile gives: any status is a success, the body is text. */
export interface WxUploadResult extends Pick<WxRequestResult, 'statusCode' | 'profile'> {
  readonly data: string
}

/** What wx.uploadFile takes. */
export interface WxUploadOptions extends WxCallbacks<WxUploadResult> {
  readonly url: string
  /** Of a file that `addTempFile` made. */
  readonly filePath: string
  /** The name of its field. */
  readonly name: string
  readonly formData?: Readonly<Record<string, unknown>> | undefined
  readonly header?: Readonly<Record<string, unknown>> | undefined
  readonly timeout?: number | undefined
}

/** wx.uploadFile, and the files of the phone that it can send. */
export function createUploads(sender: Sender) {
  const files = new Map<string, Blob>()
  return {
    /** A POST with the file as a form field. The body of the answer is text, never parsed. */
    uploadFile(options: WxUploadOptions): WxTask {
      return runTask('uploadFile', sender, options, async (signal, heard) => {
        const { filePath, name, formData = {}, header } = options
        const url = checkTarget('uploadFile', { url: options.url, method: 'POST' }, sender.domains)
        const file = files.get(filePath)
        if (!file) throw failure('uploadFile', `file not found: ${filePath}`) // our text
        const body = new FormData()
        for (const [field, value] of Object.entries(formData)) body.append(field, String(value))
        body.append(name, file, filePath.split('/').at(-1))
        const headers = headersOf(withoutContentType(header), { referer: sender.referer })
        const response = await sender.fetch(url, { method: 'POST', headers, body, signal })
        const answer = { ...headerObject(response.headers), statusCode: response.status }
        heard(answer)
        return { statusCode: answer.statusCode, data: await response.text() }
      })
    },

    /** Not WeChat's: puts a file on the phone, as a camera or the avatar button would; gives its path. */
    addTempFile(content: Blob | Uint8Array | string, options: { extension?: string; type?: string } = {}): string {
      const { extension = 'jpg', type = 'image/jpeg' } = options
      const path = `wxfile://tmp_${files.size + 1}.${extension}`
      files.set(path, content instanceof Blob ? content : new Blob([content], { type }))
      return path
    },
  }
}

/** The boundary of the form is not the caller's to set. */
function withoutContentType(header: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return Object.fromEntries(Object.entries(header).filter(([name]) => name.toLowerCase() !== 'content-type'))
}
