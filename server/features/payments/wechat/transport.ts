import { failureName, readLimited } from '../alipay/transport.ts'
import type { Request, Seal } from './signing.ts'

export interface Came {
  readonly status: number
  readonly text: string
  readonly seal: Seal
}

export type Transported = Came | { readonly failure: string }

/** Sends one request and reads the answer whole. Follows no redirect and never tries again. */
export async function send(
  gateway: string,
  { method, target, body }: Request,
  headers: Readonly<Record<string, string>>,
  timeoutMs: number,
): Promise<Transported> {
  try {
    const response = await fetch(`${gateway}${target}`, {
      method,
      headers: { accept: 'application/json', 'user-agent': 'ihome', ...headers },
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
      ...(method === 'POST' ? { body } : {}),
    })
    const text = await readLimited(response)
    if (text === undefined) return { failure: 'too_large' }
    const header = (name: string) => response.headers.get(`wechatpay-${name}`) ?? undefined
    return {
      status: response.status,
      text,
      seal: {
        timestamp: header('timestamp'),
        nonce: header('nonce'),
        signature: header('signature'),
        serial: header('serial'),
      },
    }
  } catch (error) {
    return { failure: failureName(error) }
  }
}
