/** Words of what is opened on the page of a house: they come with the part that was asked for. */
export const zhHouseMore = {
  'zoom.title': '房间照片，放大看',
  'zoom.zoom': '放大或缩小',
  'zoom.previous': '上一张',
  'zoom.next': '下一张',
  'zoom.failed': '这张照片没有加载出来',
  'house_share.button': '分享',
  'house_share.title': '分享房源',
  'house_share.picture': '二维码：打开后是这个房源的页面',
  'house_share.hint': '请对方用手机扫码，或把链接发给对方。',
  'house_share.copy': '复制链接',
  'house_share.copied': '链接已复制',
  'house_share.by_hand': '浏览器不允许复制，请长按上面的链接',
} as const satisfies Record<string, string>
