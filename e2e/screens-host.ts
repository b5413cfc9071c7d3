import type { Stage } from './screens-guest.ts'
import { button, cardOf, HOST_PHONE, orderInEachStatus, sheet, signInAt } from './shop-steps.ts'

/** What hosts see, from the first home to the money. */
export async function drawHost({ world, album, open }: Stage): Promise<void> {
  const page = await open()
  const go = (path: string) => page.goto(world.origin + path)
  album.chapter(['房东', 'Hosts'])
  await signInAt(page, world.origin, '/new-house', HOST_PHONE)
  await page.getByLabel('详细地址').waitFor()
  await album.take(page, 'new-house', ['发布房源：八步，随时保存', 'Publishing: eight steps, saved as one goes'])
  await go('/my-houses')
  await page.locator('.own-house').first().waitFor()
  await album.take(page, 'my-houses', ['我的房源', 'One’s homes'])
  await page.locator('.own-house').first().getByRole('button', { name: /^分享/ }).click()
  await page.getByAltText('这个房源的二维码').waitFor()
  await album.take(page, 'share', ['分享房源：链接和二维码', 'Sharing a home: link and QR code'])

  const orders = await orderInEachStatus(world, 'host_id', HOST_PHONE)
  const asking = orders.find(({ status }) => status === 'WAIT_ACCEPT')?.id ?? 0
  const { rows } = await world.database.query<{ house_id: string }>(
    `select o.house_id from orders o join users u on u.id = o.host_id where u.phone = $1 and o.status = 'PAID'
     group by o.house_id order by count(*) desc limit 1`,
    [HOST_PHONE],
  )
  const houseId = rows[0]?.house_id
  await go(`/my-houses/${houseId}`)
  await page.getByLabel('房屋标题').waitFor()
  await album.take(page, 'edit-house', ['修改房源和照片', 'Changing a home and its photos'])
  await go(`/my-houses/${houseId}/calendar`)
  await page.locator('.cal-bar').first().waitFor()
  await album.take(
    page,
    'house-calendar',
    ['日历与价格：拖过几晚就能改，订单是横条', 'Calendar: drag across nights; orders are bars'],
    { both: true },
  )
  const day = page.locator('.cal-day:not([aria-disabled])').last()
  await day.click()
  await day.click()
  await page.getByRole('dialog').waitFor()
  await album.take(page, 'nights', ['改这一晚：价格、开放、最少几晚', 'A night: price, open or closed, least stay'])
  await go('/host-orders')
  await cardOf(page, asking).waitFor()
  await album.take(page, 'host-orders', ['客户订单：等你答复的在最前', 'Guests’ orders: those to answer come first'])
  await button(cardOf(page, asking), '接单').click()
  await sheet(page, '接下这个订单').waitFor()
  await album.take(page, 'accept', ['接单前再看一遍日期和金额', 'Before accepting: dates and amount once more'])
  await go('/earnings')
  await page.getByText('可结算').first().waitFor()
  await album.take(page, 'earnings', ['收入：可结算、待结算、十二个月', 'Earnings: due, pending, twelve months'])
}
