import type { Answered } from '../endpoints/answer.js'
import type { Bend } from '../faults/fault.js'

/** The text of an answer as its fault bends it, with its content type. */
export function bentContent(
  result: Answered | undefined,
  contentType: string,
  bend: Bend,
): { text: string; contentType: string } {
  const { status = 200, body, html, wrong } = bend
  if (body !== undefined) return { text: body, contentType: 'text/html' }
  if (html || !result) return { text: page(status), contentType: 'text/html' }
  return { text: JSON.stringify(wrong ? otherKinds(result.body) : result.body), contentType }
}

function page(status: number): string {
  return `<html><head><title>${status}</title></head><body><h1>${status}</h1></body></html>`
}

/** The same names with values of other kinds: texts become numbers, numbers texts, objects lists. */
function otherKinds(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const other = (value: unknown) => (typeof value === 'string' ? 0 : typeof value === 'number' ? 'x' : [])
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, other(value)]))
}
