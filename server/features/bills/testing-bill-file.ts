import { zipSync } from 'fflate'
import { gbk } from './testing-gbk.ts'

/** A bill as it is downloaded: one CSV in GBK within a ZIP. */
export const billFile = (name: string, text: string): Uint8Array => zipSync({ [name]: gbk(text) }, { level: 1 })
