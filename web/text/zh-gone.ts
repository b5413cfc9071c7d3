/** Words of what does not exist, or no longer. */
export const zhGone = {
  'gone.title': '没有找到这个页面',
  'gone.hint': '地址可能写错了，或者内容已经不在了。',
  'gone.house': '没有找到这个房源',
  'gone.search': '看看其他房源',
  'gone.house_hint': '它可能已经下架。看看别的房子吧。',
} as const satisfies Record<string, string>
