import type { ConflictChoice } from '@mplogin/client'
import { choiceText } from '@mplogin/client/texts'
import { Button, Text, View } from '@tarojs/components'
import { language, t } from '../texts'

interface ConflictProps {
  readonly choices: readonly ConflictChoice[]
  readonly onChoose: (choice: ConflictChoice) => void
  readonly onLater: () => void
}

/** Phone and WeChat lead to two accounts: the person chooses, or leaves everything as it is. */
export function Conflict({ choices, onChoose, onLater }: ConflictProps) {
  return (
    <View>
      <Text className="tip conflict">{t.conflict}</Text>
      {choices.map(choice => (
        <Button key={choice} className={`conflict-${choice}`} onClick={() => onChoose(choice)}>
          {choiceText(choice, language)}
        </Button>
      ))}
      <Button className="later" onClick={onLater}>
        {t.later}
      </Button>
    </View>
  )
}
