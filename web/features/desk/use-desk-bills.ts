import { deskBillsOf } from '@ihome/contract/bills-client'
import { useApi } from '../../platform/api.ts'

/** The calls of the desk about the gateway's bills. */
export const useDeskBills = () => deskBillsOf(useApi())
