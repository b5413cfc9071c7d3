import type { Goal } from './goal.ts'
import { g01 } from './goals/g01-no-double-booking.ts'
import { g02 } from './goals/g02-one-payment-one-effect.ts'
import { g04 } from './goals/g04-simulation.ts'
import { g05 } from './goals/g05-order-of-events.ts'
import { g06 } from './goals/g06-concurrent-refunds.ts'
import { g07 } from './goals/g07-books.ts'
import { g08 } from './goals/g08-money-arithmetic.ts'
import { g12 } from './goals/g12-gateway-chaos.ts'
import { g13 } from './goals/g13-late-money.ts'
import { g16 } from './goals/g16-reconciliation.ts'
import { g32 } from './goals/g32-hostile-pictures.ts'
import { g33 } from './goals/g33-authorization-matrix.ts'
import { g34 } from './goals/g34-markup.ts'
import { g36 } from './goals/g36-guessing.ts'
import { g37 } from './goals/g37-canaries.ts'

/** Every goal that can be proved today; all run in CI. */
export const GOALS: readonly Goal[] = [g01, g02, g04, g05, g06, g07, g08, g12, g13, g16, g32, g33, g34, g36, g37]
