import type { RecordedCall } from '../../src/calls/call-log.js'
import { byId, el, replace } from './element.js'
import { locale, t } from './language.js'

const shownCalls = 200

/** The live list of calls, the newest first. */
export function createCalls() {
  const list = byId('calls')
  const pause = byId<HTMLButtonElement>('pause')
  let calls: RecordedCall[] = []
  let held: RecordedCall[] = []
  let isPaused = false
  let isDrawing = false

  function render(): void {
    pause.textContent = isPaused ? `${t().resume}${held.length > 0 ? ` (${held.length})` : ''}` : t().pause
    replace(list, calls.length === 0 ? [el('p', { class: 'hint' }, t().noCalls)] : calls.map(entry))
  }

  /** At most once a frame, however many calls come; new ones are put on top, so that opened ones stay open. */
  function draw(): void {
    if (isDrawing) return
    isDrawing = true
    requestAnimationFrame(() => {
      isDrawing = false
      const [newest] = list.querySelectorAll<HTMLElement>('[data-call-id]')
      const known = Number(newest?.dataset.callId ?? 0)
      if (known === 0) return render()
      const fresh = calls.filter(({ id }) => id > known)
      list.prepend(...fresh.map(entry))
      while (list.children.length > shownCalls) list.lastElementChild?.remove()
    })
  }

  function add(call: RecordedCall): void {
    if (isPaused) {
      held = [call, ...held].slice(0, shownCalls)
      pause.textContent = `${t().resume} (${held.length})`
      return
    }
    calls = [call, ...calls].slice(0, shownCalls)
    draw()
  }

  function clear(): void {
    calls = []
    held = []
    render()
  }

  pause.addEventListener('click', () => {
    isPaused = !isPaused
    if (!isPaused) calls = [...held, ...calls].slice(0, shownCalls)
    if (!isPaused) held = []
    render()
  })
  byId('clear').addEventListener('click', clear)
  return { render, add, clear }
}

function entry({
  id,
  at,
  method,
  path,
  appid,
  status,
  errcode,
  why,
  durationMs,
  ...summaries
}: RecordedCall): HTMLElement {
  const isGood = errcode === 0
  const outcome = errcode === null ? (status === 0 ? '✂' : `HTTP ${status}`) : errcode === 0 ? 'OK' : String(errcode)
  return el(
    'details',
    { class: 'call', 'data-call-id': String(id) },
    el(
      'summary',
      {},
      el('span', { class: `pill ${isGood ? 'good' : 'bad'}` }, outcome),
      el('code', { class: 'call-path' }, `${method} ${path}`),
      el(
        'span',
        { class: 'call-when' },
        `${new Date(at).toLocaleTimeString(locale(), { hour12: false })} · ${durationMs} ms`,
      ),
      el('span', { class: 'call-why' }, why),
    ),
    el(
      'div',
      { class: 'bodies' },
      appid !== null && el('p', {}, el('code', {}, appid)),
      body(t().request, summaries.requestSummary),
      body(t().answer, summaries.answerSummary),
    ),
  )
}

function body(title: string, fields: Readonly<Record<string, unknown>>): HTMLElement {
  return el('div', {}, el('h3', {}, title), el('pre', {}, JSON.stringify(fields, null, 2)))
}
