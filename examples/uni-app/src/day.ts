/** An instant as the day it is here: 2026-11-25 08:30. */
export function toDay(instant: string): string {
  const date = new Date(instant)
  const two = (value: number) => (value < 10 ? `0${value}` : `${value}`)
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`
}
