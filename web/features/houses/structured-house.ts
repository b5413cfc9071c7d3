import { pictureUrl } from '@ihome/contract/pictures'
import type { HouseFull } from '@ihome/contract/schemas/houses'

/**
 * A house as search engines read it: schema.org's VacationRental, in JSON-LD. `origin` is that of the shop, since
 * addresses in it must be whole.
 */
export const structuredHouse = (house: HouseFull, origin: string): object => ({
  '@context': 'https://schema.org',
  '@type': 'VacationRental',
  identifier: String(house.hid),
  name: house.title,
  url: `${origin}/detail/${house.hid}`,
  image: house.pictures.map(({ key }) => origin + pictureUrl(key, 960, 'webp')),
  address: {
    '@type': 'PostalAddress',
    addressCountry: 'CN',
    addressRegion: '北京市',
    addressLocality: house.area_name,
    streetAddress: house.address,
  },
  numberOfRooms: house.room_count,
  occupancy: { '@type': 'QuantitativeValue', maxValue: house.capacity },
  floorSize: { '@type': 'QuantitativeValue', value: house.acreage, unitCode: 'MTK' },
  checkinTime: '14:00:00+08:00',
  checkoutTime: '12:00:00+08:00',
  makesOffer: {
    '@type': 'Offer',
    priceSpecification: {
      '@type': 'UnitPriceSpecification',
      price: (house.price / 100).toFixed(2),
      priceCurrency: 'CNY',
      unitCode: 'DAY',
    },
  },
  ...(house.score === null
    ? {}
    : {
        aggregateRating: {
          '@type': 'AggregateRating',
          ratingValue: house.score,
          reviewCount: house.review_count,
          bestRating: 5,
        },
      }),
})
