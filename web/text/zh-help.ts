/** Words of the help page: what is promised there must be what the product does. */
export const zhHelp = {
  'help.title': '帮助',
  'help.intro': '常见问题，每条都是网站现在的做法。',
  'help.booking': '预订',
  'help.request': '提交订单以后会怎样？',
  'help.request_answer':
    '日期先为你保留。房东在订单写明的时间前接单，接单后你再付款；过时没有答复，订单自动取消，不收费。',
  'help.instant': '速订是什么？',
  'help.instant_answer': '房东不用逐个答复，提交订单后直接付款，付款成功就订好了。',
  'help.people': '人数和日期填错了怎么改？',
  'help.people_answer': '订单不能改。付款前可以直接取消再订；付款后按退订规则取消。',
  'help.money': '付款和退款',
  'help.pay': '怎么付款？',
  'help.pay_answer':
    '用支付宝。在微信里打开时，请按提示换到浏览器付款。结果以订单里的状态为准，没有收到结果时会一直帮你确认。',
  'help.cancel': '取消能退多少？',
  'help.cancel_answer':
    '看房东选的规则：灵活，入住前 24 小时以上全退；标准，72 小时以上全退，24 小时以上退一半；严格，7 天以上全退，72 小时以上退一半。再晚不退。房源页和订单都写明日期和金额。房东取消时全额退款。',
  'help.refund': '退款退到哪里？',
  'help.refund_answer': '原路退回付款的支付宝账户。进度在订单详情里。',
  'help.deposit': '押金怎么付？',
  'help.deposit_answer': '入住时与房东当面结清，不在合计内，也不经过网站。',
  'help.hosting': '出租房子',
  'help.publish': '怎么发布房源？',
  'help.publish_answer': '先完成实名认证，再在『我的房源』里分步填写，每一步都会保存。',
  'help.earnings': '收入什么时候结算？',
  'help.earnings_answer': '房客离店后，订单的钱在『收入』里变为可结算，每笔的手续费和到手金额都列在那里。',
  'help.account': '账号和隐私',
  'help.data': '谁能看到我的手机号和证件？',
  'help.data_answer': '手机号在付款后才给订单的另一方。证件信息加密保存，页面上只显示部分。',
  'help.delete': '怎么注销账号？',
  'help.delete_answer': '在『个人信息』的最后。没有进行中的订单和退款时可以注销，姓名、头像和收藏随之删除。',
} as const satisfies Record<string, string>
