import { expect, test } from 'vitest'
import { inAppBrowser } from './in-app-browser.ts'
import { returnParameters } from './return-parameters.ts'

test('a reload finds the parameters in its entry of the history, a later visit finds none', () => {
  expect(returnParameters('?sign=a%2Bb', {})).toBe('sign=a%2Bb')
  expect(returnParameters('', { paymentReturn: 'sign=a%2Bb' })).toBe('sign=a%2Bb')
  expect(returnParameters('', { position: 3 })).toBeUndefined()
  expect(returnParameters('', null)).toBeUndefined()
})

test.each([
  ['Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 MicroMessenger/8.0.50(0x1800) NetType/WIFI', 'wechat'],
  ['Mozilla/5.0 (Linux; Android 14) MQQBrowser/6.2 Mobile Safari/537.36 V1_AND_SQ_9.0 QQ/9.0.15', 'qq'],
  ['Mozilla/5.0 (iPhone) Weibo (iPhone15,2__weibo__14.5.0__iphone__os17.0)', 'weibo'],
  ['Mozilla/5.0 (Linux; Android 14) MQQBrowser/14.5 Mobile Safari/537.36', undefined],
  ['Mozilla/5.0 (iPhone) AliApp(AP/10.5.90) AlipayClient/10.5.90', undefined],
  ['Mozilla/5.0 (Macintosh) AppleWebKit/537.36 Chrome/147.0 Safari/537.36', undefined],
])('%s is %s', (userAgent, app) => {
  expect(inAppBrowser(userAgent)).toBe(app)
})
