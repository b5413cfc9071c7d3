/** What hosts answer to a review. */
export const REPLIES: readonly string[] = [
  '谢谢你把房子照顾得这么好，随时欢迎再来。',
  '谢谢喜欢，下次来提前说一声，给你留靠窗的那间。',
  '提醒得对，我们已经在改进了，谢谢你。',
]

/** What guest and host of an order write to each other, in turns, the guest first. */
export const TALKS: readonly (readonly string[])[] = [
  ['你好，我们大概下午四点到，可以早一点放行李吗？', '可以的，一点以后随时来，前台放着钥匙。', '太好了，谢谢。'],
  ['请问附近有停车的地方吗？', '院子里有一个车位，给你留着。'],
  [
    '可以带一只小狗吗？很安静的。',
    '可以，进门的毛巾是给它擦脚的。',
    '好的，到时候见。',
    '路上慢一点，到了给我发消息。',
  ],
]
