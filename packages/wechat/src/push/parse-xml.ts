import { SaxesParser } from 'saxes'
import type { Fields } from '../judge.js'

const maxDepth = 16

interface Open {
  readonly name: string
  text: string
  readonly children: [string, unknown][]
}

/**
 * Reads XML the way WeChat writes it: one root whose elements hold texts or elements; one that comes again becomes a list.
 * Strict: no document type, and so no entities but the five of XML; no processing instructions; attributes are not read.
 *
 * @returns what is inside the root, `undefined` when it is not such XML
 */
export function parseXml(xml: string): Fields | undefined {
  const parser = new SaxesParser()
  const open: Open[] = []
  let root: unknown
  const refuse = (reason: string) => {
    throw new Error(reason)
  }
  parser.on('error', error => refuse(error.message))
  parser.on('doctype', () => refuse('a document type'))
  parser.on('processinginstruction', () => refuse('a processing instruction'))
  parser.on('opentag', ({ name }) => {
    if (open.length === maxDepth) refuse('too deep')
    open.push({ name, text: '', children: [] })
  })
  const addText = (text: string) => {
    const current = open.at(-1)
    if (current) current.text += text
  }
  parser.on('text', addText)
  parser.on('cdata', addText)
  parser.on('closetag', () => {
    const closed = open.pop()
    if (!closed) return
    const value = closed.children.length > 0 ? join(closed.children) : closed.text
    const parent = open.at(-1)
    if (parent) parent.children.push([closed.name, value])
    else root = value
  })
  try {
    parser.write(xml).close()
  } catch {
    // The parser's error quotes the text.
    return undefined
  }
  return typeof root === 'object' ? (root as Fields) : undefined
}

function join(children: readonly [string, unknown][]): Fields {
  const byName = new Map<string, unknown>()
  for (const [name, value] of children) {
    const before = byName.get(name)
    if (Array.isArray(before)) before.push(value)
    else byName.set(name, before === undefined ? value : [before, value])
  }
  return Object.fromEntries(byName)
}
