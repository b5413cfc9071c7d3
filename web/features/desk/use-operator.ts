import type { OperatorRole } from '@ihome/contract/schemas/operators'
import { useResource } from '../../platform/use-resource.ts'
import { useDesk } from './use-desk.ts'

/** Who sits at the desk, and whether the server would let this role do something: what it refuses is not offered. */
export function useOperator() {
  const desk = useDesk()
  const operator = useResource('operator', () => desk.session())
  const may = (...roles: readonly OperatorRole[]): boolean => {
    const role = operator.data.value?.role
    return role !== undefined && (role === 'admin' || roles.includes(role))
  }
  return { operator, may }
}
