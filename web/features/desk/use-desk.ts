import { deskOf } from '@ihome/contract/desk-client'
import { useApi } from '../../platform/api.ts'

/** The calls of the operator's desk. */
export const useDesk = () => deskOf(useApi())
