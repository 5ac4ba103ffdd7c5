import type { Texts } from './texts/zh.js'

/** One product of the shop; its name and description are in the texts. */
export interface Product {
  readonly id: keyof Texts['goods']
  /** In yuan. */
  readonly price: number
  readonly picture: string
}

const price = { cup: 68, lamp: 239, plant: 128, notebook: 36, bag: 89, clock: 156 } satisfies Record<
  Product['id'],
  number
>

/** What the shop has. */
export const catalogue: readonly Product[] = (Object.keys(price) as Product['id'][]).map(id => ({
  id,
  price: price[id],
  picture: `/static/goods/${id}.png`,
}))

/** undefined: there is none of that id. */
export function findProduct(id: string): Product | undefined {
  return catalogue.find(product => product.id === id)
}
