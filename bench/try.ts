import { benchBooking } from './booking.ts'
import { benchPayUrl } from './pay-url.ts'

console.log(benchPayUrl())
console.log(await benchBooking())
