import { emulator } from './api.js'
import { createApps } from './apps.js'
import { createCalls } from './calls.js'
import { byId } from './element.js'
import { createFaultPanel } from './faults.js'
import { createFigures } from './figures.js'
import { onLanguage, switchLanguage, writeTexts } from './language.js'
import { createPeople } from './people.js'

const refreshEveryMs = 2000
const soonMs = 150
/** A clock that others moved by less is noticed at the next change. */
const noticedMs = 10_000

const calls = createCalls()
const people = createPeople(refreshNow)
const faults = createFaultPanel(refreshNow)
const apps = createApps()
const figures = createFigures(refreshNow, () => {
  calls.clear()
  people.forget()
})
const panels = [figures, people, faults, apps]

let shown = ''
let isAsking = false
let soon: ReturnType<typeof setTimeout> | undefined

/** Asks for everything and draws it, when something is other than it was or the clock was moved. */
async function refresh(): Promise<void> {
  if (isAsking) return
  isAsking = true
  try {
    const overview = await emulator.overview()
    byId('offline').hidden = true
    const { now, ...rest } = overview
    const ahead = Math.round((new Date(now).getTime() - Date.now()) / noticedMs)
    const text = JSON.stringify([rest, ahead])
    if (text !== shown) for (const panel of panels) panel.render(overview)
    shown = text
  } catch {
    byId('offline').hidden = false
  } finally {
    isAsking = false
  }
}

/** Draws whatever was changed. */
function refreshNow(): void {
  shown = ''
  void refresh()
}

function refreshSoon(): void {
  clearTimeout(soon)
  soon = setTimeout(() => void refresh(), soonMs)
}

function listen(): void {
  const stream = new EventSource('/_emulator/calls/stream?after=0')
  stream.addEventListener('message', ({ data }) => {
    calls.add(JSON.parse(data))
    refreshSoon()
  })
}

writeTexts()
byId('language').addEventListener('click', switchLanguage)
onLanguage(() => {
  for (const panel of panels) panel.render()
  calls.render()
})
calls.render()
listen()
await refresh()
setInterval(() => {
  if (document.visibilityState === 'visible') void refresh()
}, refreshEveryMs)
