import { mount } from '@vue/test-utils'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'
import { SAY, sayInChinese } from '../text/say.ts'
import UiSheet from './UiSheet.vue'

beforeEach(() => {
  HTMLDialogElement.prototype.showModal = function showModal() {
    this.setAttribute('open', '')
  }
  HTMLDialogElement.prototype.close = function close() {
    this.removeAttribute('open')
  }
  history.replaceState({ position: 3 }, '', '/orders')
})
afterEach(() => {
  document.body.innerHTML = ''
})

function sheet(open = false) {
  const wrapper = mount(UiSheet, {
    props: {
      open,
      name: 'cancel',
      title: '取消订单',
      'onUpdate:open': async (isOpen: boolean) => {
        await nextTick()
        await wrapper.setProps({ open: isOpen })
      },
    },
    slots: { default: '里面' },
    global: { provide: { [SAY as symbol]: sayInChinese } },
    attachTo: document.body,
  })
  return {
    wrapper,
    isShown: () => wrapper.text().includes('里面') && wrapper.get('dialog').attributes('open') !== undefined,
  }
}

it('gets a history entry of its own, beside what the router keeps there', async () => {
  const { wrapper, isShown } = sheet()
  await wrapper.setProps({ open: true })
  await vi.waitFor(() => expect(isShown()).toBe(true))
  expect(history.state).toEqual({ position: 3, sheet: 'cancel' })
})

it.each([
  ['a step back', () => history.back()],
  ['its close button', (wrapper: ReturnType<typeof sheet>['wrapper']) => wrapper.get('.sheet__close').trigger('click')],
  ['Esc', (wrapper: ReturnType<typeof sheet>['wrapper']) => wrapper.get('dialog').trigger('cancel')],
  ['a tap beside it', (wrapper: ReturnType<typeof sheet>['wrapper']) => wrapper.get('dialog').trigger('click')],
  ['its page', (wrapper: ReturnType<typeof sheet>['wrapper']) => wrapper.setProps({ open: false })],
])('is closed by %s, and its history entry goes with it', async (_name, close) => {
  const { wrapper, isShown } = sheet()
  await wrapper.setProps({ open: true })
  await vi.waitFor(() => expect(isShown()).toBe(true))
  await close(wrapper)
  await vi.waitFor(() => expect(wrapper.emitted('closed')).toHaveLength(1))
  expect(isShown()).toBe(false)
  expect(wrapper.props('open')).toBe(false)
  expect(history.state).toEqual({ position: 3 })
})

it('stands again after a reload in its history entry, without a second one', async () => {
  history.pushState({ position: 3, sheet: 'cancel' }, '')
  const before = history.length
  const { isShown } = sheet()
  await vi.waitFor(() => expect(isShown()).toBe(true))
  expect(history.length).toBe(before)
})
