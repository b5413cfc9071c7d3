/** Words of the home page and of the form that searches. */
export const zhHome = {
  'home.headline_1': '住进胡同、小院',
  'home.headline_2': '和一张好床',
  'home.search': '搜索',
  'home.search_panel': '找房',
  'home.popular': '大家常住的房子',
  'home.empty': '还没有房源',
  'home.empty_hint': '第一批房子上线后会在这里。',
  'home.areas_failed': '城区没有加载出来，可以先搜索全部城区',
  'home.position': '{number}/{total}',
  'home.all': '看看全部房源',
  'home.last_search': '接着上次的搜索：{what}',
} as const satisfies Record<string, string>
