import { describe, expect, it } from 'vitest'
import { html, safeHref } from './html.ts'

describe('html', () => {
  it('escapes every value, in text and in quoted attributes', () => {
    const evil = `<img src=x onerror="alert('1')">&amp;`
    expect(html`<p title="${evil}">${evil}</p>`.markup).toBe(
      '<p title="&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;amp;">&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;amp;</p>',
    )
  })

  it('lets in what it has built itself, alone and in lists, and leaves out what is absent', () => {
    const parts = ['<a>', '<b>'].map((part) => html`<i>${part}</i>`)
    expect(html`${parts}${undefined}${html`<u>${0}</u>`}`.markup).toBe('<i>&lt;a&gt;</i><i>&lt;b&gt;</i><u>0</u>')
  })

  it('draws control characters of a merchant as a replacement and keeps line ends', () => {
    expect(html`${'a\u0000b\u001bc\u0085d\ne\tf'}`.markup).toBe('a\ufffdb\ufffdc\ufffdd\ne\tf')
  })
})

describe('safeHref', () => {
  it('passes a signed return address byte for byte', () => {
    const signed =
      "http://127.0.0.1:8000/r?charset=utf-8&total_amount=88.80&sign=a%2Bb%2F%3D&timestamp=2026-11-24+21%3A00%3A00&x='"
    expect(safeHref(signed)).toBe(signed)
  })

  it('encodes what no header may carry', () => {
    expect(safeHref('https://shop.test/订单 1\r\nx')).toBe('https://shop.test/%E8%AE%A2%E5%8D%95%201%0D%0Ax')
  })

  it.each([
    undefined,
    '',
    '/orders',
    'javascript:alert(1)',
    'data:text/html,x',
    'http://',
    ' https://a.test',
    'https://a.test/\ud800',
  ])('gives nothing for %j', (href) => {
    expect(safeHref(href)).toBeUndefined()
  })
})
