const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/MicroMessenger\//, 'WeChat'],
  [/AlipayClient\//, 'Alipay'],
  [/\bQQ\//, 'QQ'],
  [/Weibo/, 'Weibo'],
  [/\bEdgA?\//, 'Edge'],
  [/HuaweiBrowser\//, 'Huawei'],
  [/(MiuiBrowser|XiaoMi)\//, 'Xiaomi'],
  [/UCBrowser\//, 'UC'],
  [/\bOPR\//, 'Opera'],
  [/(Firefox|FxiOS)\//, 'Firefox'],
  [/(Chrome|CriOS)\//, 'Chrome'],
  [/Safari\//, 'Safari'],
]
const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/HarmonyOS|OpenHarmony/, 'HarmonyOS'],
  [/iPhone/, 'iPhone'],
  [/iPad/, 'iPad'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/Macintosh/, 'Mac'],
  [/Linux/, 'Linux'],
]

const first = (table: readonly (readonly [RegExp, string])[], text: string): string | undefined =>
  table.find(([sign]) => sign.test(text))?.[1]

/** `Chrome · Android`: enough for people to recognise their own device, and nothing that tells two of a kind apart. */
export function deviceName(userAgent: string): string | undefined {
  const named = [first(BROWSERS, userAgent), first(SYSTEMS, userAgent)].filter((name) => name !== undefined)
  return named.length > 0 ? named.join(' · ') : undefined
}
