import { computed, ref } from 'vue'
import { createPerson, listPeople, type Person } from './emulator.js'

/** A mini program of the demo. */
export interface DemoApp {
  readonly appid: string
  readonly name: { readonly 'zh-CN': string; readonly en: string }
  readonly personal: boolean
}

const people = ref<Person[]>([])
const apps = ref<DemoApp[]>([])
const personId = ref('')
const appid = ref('')

/** Whose phone is in the hand, and which mini program is open on it. */
export function usePeople() {
  return {
    people,
    apps,
    personId,
    appid,
    person: computed(() => people.value.find(candidate => candidate.id === personId.value)),
    app: computed(() => apps.value.find(candidate => candidate.appid === appid.value)),

    async load(demoApps: DemoApp[]): Promise<void> {
      people.value = await listPeople()
      apps.value = demoApps
      appid.value = demoApps[0]?.appid ?? ''
      personId.value = people.value[0]?.id ?? ''
    },

    /** Adds a WeChat account and takes its phone into the hand; false when the number is none. */
    async add(input: { name?: string; phone?: string }): Promise<boolean> {
      const created = await createPerson(input)
      if (!created) return false
      people.value = [...people.value, created]
      personId.value = created.id
      return true
    },
  }
}
