import { enBills } from './en-bills.ts'
import { enDesk } from './en-desk.ts'
import { learn } from './english.ts'

/** The English of the operator's desk: whoever only reads the site never loads it. */
learn({ ...enDesk, ...enBills })
