const BEIJING_MS = 8 * 3_600_000

/** `yyyy-MM-dd HH:mm:ss` in Beijing, as Alipay writes times, whatever the zone of this process. Cuts milliseconds off. */
export const beijingTime = (instant: Date): string =>
  new Date(instant.getTime() + BEIJING_MS).toISOString().slice(0, 19).replace('T', ' ')
