import type { zh } from './zh.ts'

const MONTH = '{month:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec}'
const MONTH_IN_FULL = '{month:January|February|March|April|May|June|July|August|September|October|November|December}'

/** The English of `zh`. How a slot chooses among words is told in english.ts. */
export const en = {
  'app.name': 'iHome',
  'app.title': '{page} · iHome',
  'app.skip': 'Skip to content',
  'app.footer': '© iHome',
  'app.menu': 'Main menu',
  'app.other_language': '中文',

  'tab.home': 'Home',
  'tab.favourites': 'Saved',
  'tab.orders': 'Bookings',
  'tab.messages': 'Messages',
  'tab.unread': 'unread messages',
  'tab.my': 'Me',

  'act.back': 'Back',
  'act.close': 'Close',
  'act.retry': 'Try again',
  'act.clear': 'Clear',
  'act.confirm': 'Done',
  'act.login': 'Log in',
  'act.register': 'Sign up',
  'act.home': 'Go to the home page',

  'state.loading': 'Loading',
  'state.offline': 'You are offline',
  'state.kept': 'You are offline. This was read at {time}',

  'word.also': '{one}, {other}',
  'place.all': 'All',
  'place.label': 'District',
  'date.start': 'Check-in',
  'date.end': 'Check-out',
  'date.any': 'Choose dates',
  'date.past_dropped': 'Those dates have passed. Please choose again',
  'date.weekdays': 'Sun Mon Tue Wed Thu Fri Sat',
  'date.short': `{day:#} ${MONTH}`,
  'date.dashed': `{day:#} ${MONTH}`,
  'date.span': '{start} – {end}',
  'date.day': `{day} ${MONTH}`,
  'date.day_weekday': `{weekday} {day} ${MONTH}`,
  'date.day_time': `{day} ${MONTH}, {time}`,
  'date.today_time': 'today {time}',
  'date.tomorrow_time': 'tomorrow {time}',
  'date.month': `${MONTH_IN_FULL} {year}`,
  'date.year_month_day': `{day} ${MONTH} {year}`,

  'money.per_night': ' a night',
  'money.total': '{nights} {nights:night|nights}, {amount} in all',
  'stay.nights': '{nights} {nights:night|nights}',

  'house.rooms': '{rooms} {rooms:room|rooms}',
  'house.instant': 'Instant',
  'house.score': '{score} ({count} {count:review|reviews})',
  'house.score_from': 'Score {score} and up',
  'house.stays': '{times} {times:stay|stays}',
  'house.first_stay': 'Be the first to stay',
  'house.picture_of': '{caption}, photo {number} of {total}',
  'house.cover_of': 'Photo of {title}',

  'heart.of': 'Save {title}',

  'calendar.why_past': 'This day has passed',
  'calendar.why_horizon': 'You can book up to {days} days ahead',
  'calendar.why_taken': '{day} is already booked',
  'calendar.why_ends_only': 'You can leave on {day}, but not arrive',
  'calendar.why_gap': 'Only {free} {free:night is|nights are} free from {day}; the least is {nights}',
  'calendar.why_short': 'Stay at least {nights} {nights:night|nights}',
  'calendar.why_long': 'Stay at most {nights} {nights:night|nights}',
  'calendar.why_between': 'Leave by {day}: the nights after it are booked',

  'trouble.outage': 'The connection is unsteady and no answer came',
  'trouble.defect': 'Something went wrong (number {id})',
  'trouble.defect_bare': 'Something went wrong',
  'trouble.wait': 'try again in {seconds} s',

  'problem.database_unavailable': 'Many people are here just now. Please try again later',
  'problem.not_found': 'Page not found',
  'problem.house_not_found': 'Home not found',
  'problem.area_not_found': 'There is no such district. All of them are shown',
  'problem.sign_in_needed': 'Please log in first',
  'problem.input_invalid': 'Something is not filled in right. Please check',
  'problem.dates_invalid': 'Please choose the dates again',
  'problem.csrf_invalid': 'This page was open for too long. Please try again',
  'problem.rate_limited': 'Too many tries. Please wait a little',
  'problem.overloaded': 'Many people are here just now. Please try again later',
  'problem.internal_error': 'Something went wrong',
} satisfies Record<keyof typeof zh, string>
