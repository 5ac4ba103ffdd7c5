import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Data, parseWxml, type Wxml, type WxmlElement, type WxmlNode } from './wxml.js'

/** Reads a WXML file, with the templates that it has or imports, and the WXS modules that they call. */
export function readWxml(file: string): Wxml {
  const nodes = parseWxml(readFileSync(file, 'utf8'))
  const beside = (element: WxmlElement) => join(dirname(file), element.attributes.src ?? '')
  const named = (tag: string) => nodes.filter((node): node is WxmlElement => 'tag' in node && node.tag === tag)
  const imported = named('import').map(element => readWxml(beside(element)))
  const own = named('template').filter(({ attributes }) => attributes.name !== undefined)
  return {
    nodes: nodes.filter(node => !isDeclaration(node)),
    templates: new Map([
      ...imported.flatMap(({ templates }) => [...templates]),
      ...own.map(({ attributes, children }) => [String(attributes.name), children] as const),
    ]),
    modules: Object.assign(
      {},
      ...imported.map(({ modules }) => modules),
      ...named('wxs').map(element => ({ [String(element.attributes.module)]: runWxs(beside(element)) })),
    ),
  }
}

function isDeclaration(node: WxmlNode): boolean {
  return 'tag' in node && (/^(import|wxs)$/.test(node.tag) || (node.tag === 'template' && 'name' in node.attributes))
}

/** WXS is JavaScript enough. */
function runWxs(file: string): Data {
  const module = { exports: {} }
  new Function('module', readFileSync(file, 'utf8'))(module)
  return module.exports
}
