import type { PhoneEvent } from '@mplogin/client'
import { Button } from '@tarojs/components'

interface PhoneButtonProps {
  readonly label: string
  readonly disabled: boolean
  readonly onAnswer: (event: PhoneEvent) => void
}

/** Consent to the privacy guide and to the number in one tap. Each success costs money: only while a number is missing. */
export function PhoneButton({ label, disabled, onAnswer }: PhoneButtonProps) {
  return (
    <Button
      className="phone-button"
      openType="getPhoneNumber|agreePrivacyAuthorization"
      disabled={disabled}
      onGetPhoneNumber={onAnswer}
    >
      {label}
    </Button>
  )
}
