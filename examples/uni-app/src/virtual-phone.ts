/**
 * H5 alone, and for development: a browser has neither wx.login nor a phone button, so the emulator's control routes play
 * WeChat. `?person=…` in the address chooses whose phone it is; otherwise it is the emulator's first person.
 */
const { VITE_EMULATOR_URL: url, VITE_EMULATOR_APPID: appid } = import.meta.env

interface Person {
  readonly id: string
  readonly phone: string | null
}

/** Whether somebody plays WeChat. */
export const hasVirtualPhone = url !== ''
export { appid as virtualAppid }

/** What wx.login gives. */
export async function login(): Promise<{ code: string }> {
  const { id } = await findPerson()
  return ask('POST', `/${id}/login-code`, { appid })
}

/** Whose number WeChat's sheet would ask for; empty without one. */
export async function phoneOfPerson(): Promise<string> {
  return (await findPerson()).phone ?? ''
}

/** What the handler of the phone button gets in `event.detail`, once the person has answered WeChat's sheet. */
export async function answerPhoneSheet(allow: boolean): Promise<{ code?: string; errMsg: string; errno?: number }> {
  const { id } = await findPerson()
  const answer = await ask<{ code?: string; errMsg?: string }>('POST', `/${id}/phone-code`, { appid, allow })
  return { errMsg: 'getPhoneNumber:ok', ...answer }
}

async function findPerson(): Promise<Person> {
  const people = await ask<Person[]>('GET', '')
  const wanted = new URLSearchParams(location.search).get('person')
  const person = wanted === null ? people[0] : people.find(({ id }) => id === wanted)
  if (!person) throw new Error('the emulator has no such person')
  return person
}

/** Refusals are answers too: they carry what the button tells. */
async function ask<Answer>(method: 'GET' | 'POST', path: string, body?: object): Promise<Answer> {
  const response = await fetch(`${url}/_emulator/users${path}`, {
    method,
    ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  })
  return (await response.json()) as Answer
}
