import { type InjectionKey, inject } from 'vue'

/** Goes to another site in this tab. Provided by tests; a browser simply leaves. */
export type Leave = (url: string) => void

export const LEAVE: InjectionKey<Leave> = Symbol('leave')

/** A full navigation: Alipay's pages refuse frames, and a window opened after waiting is blocked (alipay.md 10.5). */
const byNavigation: Leave = (url) => {
  location.href = url
}

export const useLeave = (): Leave => inject(LEAVE, byNavigation)
