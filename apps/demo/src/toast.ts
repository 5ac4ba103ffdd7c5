import { ref } from 'vue'

const shownForMs = 3500

const toast = ref('')
let timer = 0

/** The short message on the phone's screen. */
export function useToast() {
  return {
    toast,
    say(text: string): void {
      toast.value = text
      clearTimeout(timer)
      timer = window.setTimeout(() => {
        toast.value = ''
      }, shownForMs)
    },
  }
}
