/** Decorators without a compiler: applies them as TypeScript would, to a method and to its parameters. */
export function decorateMethod(target, name, decorators, parameters = []) {
  const descriptor = Object.getOwnPropertyDescriptor(target.prototype, name)
  parameters.forEach((decorator, index) => void decorator?.(target.prototype, name, index))
  for (const decorator of decorators.toReversed()) decorator(target.prototype, name, descriptor)
}

/** As `@decorator() class` with what its constructor is given. */
export function decorateClass(target, decorators, parameters = []) {
  parameters.forEach((decorator, index) => void decorator(target, undefined, index))
  for (const decorator of decorators.toReversed()) decorator(target)
}
