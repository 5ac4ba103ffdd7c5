/** Puts the keyboard where the person is expected to act. */
export const vFocus = { mounted: (element: HTMLElement) => element.focus({ preventScroll: true }) }
