/** Words that the server alone says, around a page and in place of one that it could not make. Browsers load none of them. */
export const zhFrame = {
  'app.description': '北京短租：胡同、小院和一张好床。日期、总价和退订规则，订之前都看得见。',
  'app.noscript': '这个页面需要 JavaScript。找房和看房源不需要。',
  'broken.title': '出了点问题',
  'broken.hint': '不是你的操作造成的。可以再试一次。',
  'broken.number': '编号 {id}',
} as const satisfies Record<string, string>
