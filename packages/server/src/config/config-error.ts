/** What is wrong with one setting. */
export interface ConfigProblem {
  readonly key: string
  /** As it was found, hidden when the setting is a secret. */
  readonly found: string
  readonly expected: string
}

/** The settings cannot be used; the message names every wrong key, what was found and what was expected. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly problems: readonly ConfigProblem[]

  constructor(problems: readonly ConfigProblem[]) {
    super(problems.map(({ key, found, expected }) => `${key}: found ${found}, expected ${expected}`).join('\n'))
    this.problems = problems
  }
}
