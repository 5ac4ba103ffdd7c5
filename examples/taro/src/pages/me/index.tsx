import type { DeviceSession, ProfileChange, User } from '@mplogin/client'
import { Button, Form, Image, Input, Text, View } from '@tarojs/components'
import Taro, { useDidShow } from '@tarojs/taro'
import { useState } from 'react'
import { Conflict } from '../../components/conflict'
import { PhoneButton } from '../../components/phone-button'
import { avatarOf, login, useAttempt, useUser } from '../../login'
import { t, useTabs, useTitle } from '../../texts'

export default function Me() {
  const user = useUser()
  const attempts = useAttempt()
  const [devices, setDevices] = useState<readonly DeviceSession[]>([])
  useTitle(t.me)
  useTabs()
  useDidShow(() => {
    if (login.user) load().catch(attempts.showFailure)
  })

  /** Learns too when another device has logged this one out. */
  async function load(): Promise<void> {
    setDevices(await login.sessions())
  }

  return (
    <View className="page me">
      {user ? <Account user={user} devices={devices} reload={load} {...attempts} /> : <Guest />}
    </View>
  )
}

function Guest() {
  return (
    <View className="card guest">
      <Text className="title">{t.guest}</Text>
      <Text className="soft">{t.needsLogin}</Text>
      <Button type="primary" className="to-login" onClick={() => Taro.navigateTo({ url: '/pages/login/index' })}>
        {t.login}
      </Button>
    </View>
  )
}

interface AccountProps extends ReturnType<typeof useAttempt> {
  readonly user: User
  readonly devices: readonly DeviceSession[]
  readonly reload: () => Promise<void>
}

function Account({ user, devices, reload, isBusy, tip, choices, attempt, clear }: AccountProps) {
  const change = (profile: ProfileChange) =>
    attempt(async () => {
      await login.updateProfile(profile)
      Taro.showToast({ title: t.saved })
    })

  /** The name comes with the form: WeChat checks it when the field is left, and may have emptied it by then. */
  function saveNickname(entered: string): void {
    const nickname = entered.trim()
    if (nickname) void change({ nickname })
  }
  function deleteAccount(): void {
    Taro.showModal({
      title: t.remove,
      content: t.removeText,
      success: ({ confirm }) => void (confirm && attempt(() => login.deleteAccount())),
    })
  }

  return (
    <View>
      <View className="card">
        <Text className="title nickname">{user.nickname}</Text>
        <View className="row">
          <Text>{t.account}</Text>
          <Text className="soft account-id">{user.id}</Text>
        </View>
        <View className="row">
          <Text>{t.number}</Text>
          <Text className="soft phone">{user.phone ?? t.noNumber}</Text>
        </View>
        {!user.phoneBound && (
          <PhoneButton
            label={t.bind}
            disabled={isBusy}
            onAnswer={event => void attempt(() => login.bindPhone(event))}
          />
        )}
        {choices.length > 0 && (
          <Conflict
            choices={choices}
            onChoose={choice => void attempt(() => login.resolveConflict(choice).then(reload))}
            onLater={clear}
          />
        )}
        {tip !== '' && <Text className="tip">{tip}</Text>}
      </View>
      <Form className="card" onSubmit={event => saveNickname(event.detail.value?.nickname ?? '')}>
        <Button
          className="choose-avatar"
          openType="chooseAvatar"
          disabled={isBusy}
          onChooseAvatar={event => void change({ avatar: event.detail.avatarUrl })}
        >
          <Image className="picture avatar" src={avatarOf(user)} />
          <Text className="soft">{t.avatar}</Text>
        </Button>
        <Input
          className="nickname-input"
          type="nickname"
          name="nickname"
          maxlength={32}
          placeholder={t.nickname}
          value={user.nickname}
        />
        <Button className="save" formType="submit" disabled={isBusy}>
          {t.save}
        </Button>
      </Form>
      <View className="card">
        <Text className="title">{t.devices}</Text>
        {devices.map(({ id, device, current }) => (
          <View key={id} className="row device">
            <Text>{device}</Text>
            {current ? (
              <Text className="soft">{t.current}</Text>
            ) : (
              <Text className="link revoke" onClick={() => void attempt(() => login.revokeSession(id).then(reload))}>
                {t.revoke}
              </Text>
            )}
          </View>
        ))}
      </View>
      <Button className="sign-out" disabled={isBusy} onClick={() => void attempt(() => login.signOut())}>
        {t.signOut}
      </Button>
      <Button
        className="everywhere"
        disabled={isBusy}
        onClick={() => void attempt(() => login.signOut({ everywhere: true }))}
      >
        {t.everywhere}
      </Button>
      <Button type="warn" className="delete-account" disabled={isBusy} onClick={deleteAccount}>
        {t.remove}
      </Button>
    </View>
  )
}
