import { Button, Text, View } from '@tarojs/components'
import Taro from '@tarojs/taro'
import { useState } from 'react'
import { Conflict } from '../../components/conflict'
import { PhoneButton } from '../../components/phone-button'
import { login, useAttempt } from '../../login'
import { t, useTitle } from '../../texts'

export default function Login() {
  const { isBusy, tip, choices, attempt, clear } = useAttempt()
  const [hasAgreed, setAgreed] = useState(false)
  useTitle(t.login)

  function leave(): void {
    Taro.navigateBack()
  }
  function agreeFirst(): void {
    Taro.showToast({ title: t.agreeFirst, icon: 'none' })
  }
  function settle(work: () => Promise<unknown>): void {
    void attempt(async () => {
      await work()
      leave()
    })
  }

  return (
    <View className="page login">
      <Text className="title">{t.title}</Text>
      <Text className="soft">{t.why}</Text>
      {choices.length > 0 ? (
        <Conflict choices={choices} onChoose={choice => settle(() => login.resolveConflict(choice))} onLater={clear} />
      ) : (
        <View>
          <View className="row agree" onClick={() => setAgreed(!hasAgreed)}>
            <Text>{`${hasAgreed ? '☑' : '☐'} ${t.agree}`}</Text>
          </View>
          <Text className="link" onClick={() => Taro.openPrivacyContract({})}>
            {t.guide}
          </Text>
          <Button
            type="primary"
            className="login-wechat"
            disabled={isBusy}
            onClick={() => (hasAgreed ? settle(() => login.signIn()) : agreeFirst())}
          >
            {t.wechat}
          </Button>
          {hasAgreed ? (
            <PhoneButton
              label={t.phone}
              disabled={isBusy}
              onAnswer={event => settle(() => login.signInWithPhone(event))}
            />
          ) : (
            <Button className="phone-not-yet" onClick={agreeFirst}>
              {t.phone}
            </Button>
          )}
          {tip !== '' && <Text className="tip">{`${tip} ${t.orWechat}`}</Text>}
        </View>
      )}
      <Button className="not-now" onClick={leave}>
        {t.notNow}
      </Button>
    </View>
  )
}
