/** Words of the calendar; why a day cannot be chosen is said on other pages too. */
export const zhCalendar = {
  'calendar.title': '选择日期',
  'calendar.pick_start': '选择入住日期',
  'calendar.pick_end': '选择离开日期',
  'calendar.need_start': '请选择入住日期',
  'calendar.need_end': '请选择离开日期',
  'calendar.today': '今天',
  'calendar.start': '入住',
  'calendar.end': '离开',
  'calendar.ends_only': '可离开',
  'calendar.at_least': '至少 {nights} 晚',
  'calendar.at_least_most': '至少 {nights} 晚，最多 {most} 晚',
  'calendar.loading': '正在读取已订日期',
  'calendar.failed': '未能读取已订日期',
  'calendar.day_of': '{day} 星期{weekday}',
  'calendar.spoken_start': '入住日',
  'calendar.spoken_end': '离开日',
} as const satisfies Record<string, string>
