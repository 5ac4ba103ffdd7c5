import { createMemory } from './memory.js'
import type { Clock, RandomBytes } from './types.js'

/** For so long after it a payment tells the unionid (facts 4.1; confidence A). */
const usableMs = 5 * 60 * 1000

/** A payment as WeChat Pay names it: by its own number, or by the merchant's two. */
export interface Payment {
  readonly transactionId: string
  readonly mchId: string
  readonly outTradeNo: string
}

/** Payments of virtual users, for getpaidunionid. */
export function createPayments({ clock, random }: { clock: Clock; random: RandomBytes }) {
  const payments = createMemory<{ userId: string; appid: string; atMs: number }>({ clock, keepMs: usableMs })
  const merchantKey = (mchId: string, outTradeNo: string) => `${mchId} ${outTradeNo}`
  const digits = (count: number) => Array.from(random(count), byte => byte % 10).join('')
  return {
    clear: payments.clear,
    pay(payer: { userId: string; appid: string }, given: Partial<Payment> = {}): Payment {
      const {
        transactionId = `4200${digits(24)}`,
        mchId = `16${digits(8)}`,
        outTradeNo = `order-${digits(12)}`,
      } = given
      const payment = { ...payer, atMs: clock().getTime() }
      payments.set(transactionId, payment)
      payments.set(merchantKey(mchId, outTradeNo), payment)
      return { transactionId, mchId, outTradeNo }
    },
    /** Whose payment it was, while that tells the unionid. */
    find(named: { transactionId: string; mchId: string; outTradeNo: string }) {
      const { transactionId, mchId, outTradeNo } = named
      const payment = payments.get(transactionId === '' ? merchantKey(mchId, outTradeNo) : transactionId)
      return payment && clock().getTime() - payment.atMs <= usableMs ? payment : undefined
    },
  }
}
