/**
 * Every word of the public pages and of the frame around all pages. Names in braces are filled in by `say`.
 * Pages behind the login have a catalogue of their own, so that visitors do not load it.
 */
export const zh = {
  'app.name': '爱家租房',
  'app.title': '{page} · 爱家租房',
  'app.skip': '跳到正文',
  'app.footer': '© 爱家租房',
  'app.menu': '主菜单',
  'app.other_language': 'English',

  'tab.home': '首页',
  'tab.favourites': '收藏',
  'tab.orders': '订单',
  'tab.messages': '消息',
  'tab.unread': '有未读消息',
  'tab.my': '我的',

  'act.back': '返回',
  'act.close': '关闭',
  'act.retry': '重试',
  'act.clear': '清除',
  'act.confirm': '确定',
  'act.login': '登录',
  'act.register': '注册',
  'act.home': '回首页',

  'state.loading': '正在加载',
  'state.offline': '当前没有网络',
  'state.kept': '没有网络，显示的是 {time} 读到的内容',

  'word.also': '{one}，{other}',
  'place.all': '全部',
  'place.label': '城区',
  'date.start': '入住日期',
  'date.end': '离开日期',
  'date.any': '选择日期',
  'date.past_dropped': '原来的日期已经过去，请重新选择',
  'date.weekdays': '日 一 二 三 四 五 六',
  'date.short': '{month}/{day}',
  'date.dashed': '{month}-{day}',
  'date.span': '{start}–{end}',
  'date.day': '{month}月{day}日',
  'date.day_weekday': '{month}月{day}日 周{weekday}',
  'date.day_time': '{month}月{day}日 {time}',
  'date.today_time': '今天 {time}',
  'date.tomorrow_time': '明天 {time}',
  'date.month': '{year}年{month}月',
  'date.year_month_day': '{year}年{month}月{day}日',

  'money.per_night': '/晚',
  'money.total': '{nights}晚共 {amount}',
  'stay.nights': '{nights}晚',

  'house.rooms': '{rooms} 间',
  'house.instant': '速订',
  'house.score': '{score} 分（{count} 条）',
  'house.score_from': '{score} 分以上',
  'house.stays': '住过 {times} 次',
  'house.first_stay': '等你来住第一次',
  'house.picture_of': '{caption}，第 {number} 张，共 {total} 张',
  'house.cover_of': '{title}的照片',

  'heart.of': '收藏 {title}',

  'calendar.why_past': '不能选已经过去的日期',
  'calendar.why_horizon': '只能预订 {days} 天以内的日期',
  'calendar.why_taken': '{day}已被预订',
  'calendar.why_ends_only': '{day}只能离开，不能入住',
  'calendar.why_gap': '从{day}起只空 {free} 晚，至少要住 {nights} 晚',
  'calendar.why_short': '至少住 {nights} 晚',
  'calendar.why_long': '最多住 {nights} 晚',
  'calendar.why_between': '最晚{day}离开，之后已被预订',

  'trouble.outage': '网络不稳，没有收到结果',
  'trouble.defect': '出了点问题（编号 {id}）',
  'trouble.defect_bare': '出了点问题',
  'trouble.wait': '{seconds} 秒后再试',

  // What visitors can meet. The private catalogue holds the rest, and both together every problem of the API.
  'problem.database_unavailable': '现在人有点多，请稍后再试',
  'problem.not_found': '没有找到这个页面',
  'problem.house_not_found': '没有找到这个房源',
  'problem.sign_in_needed': '请先登录',
  'problem.input_invalid': '填写的内容有误，请检查',
  'problem.dates_invalid': '请重新选择日期',
  'problem.rate_limited': '操作太频繁，请稍后再试',
  'problem.overloaded': '现在人有点多，请稍后再试',
  'problem.internal_error': '出了点问题',

  'problem.area_not_found': '没有这个城区，已显示全部',
  'problem.csrf_invalid': '页面放得太久了，请再试一次',
} as const satisfies Record<string, string>
