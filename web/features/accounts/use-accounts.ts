import { accountsOf } from '@ihome/contract/accounts-client'
import { useApi } from '../../platform/api.ts'

/** The calls of registering and of one's own account. */
export const useAccounts = () => accountsOf(useApi())
