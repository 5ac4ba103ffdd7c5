import { isClientError } from '@mplogin/client'

/** How a call of the client ended: `OK`, or the code it was rejected with. Anything but an error of the client is thrown on. */
export async function outcomeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
    return 'OK'
  } catch (error) {
    if (isClientError(error)) return error.code
    throw error
  }
}
