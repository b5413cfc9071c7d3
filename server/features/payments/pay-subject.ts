const LONGEST = 120

/**
 * What the buyer reads at the cashier: the house's title without what Alipay refuses or a bill would break on
 * (`/ = &`, commas, control and format characters), and never a person's name or number.
 */
export function paySubject(houseTitle: string): string {
  const clean = houseTitle
    .replaceAll(/[/=&,，"'<>\\]/gu, ' ')
    .replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\ufffd]/gu, ' ')
    .replaceAll(/\s+/gu, ' ')
    .trim()
  return [...`爱家租房 ${clean}`.trim()].slice(0, LONGEST).join('')
}
