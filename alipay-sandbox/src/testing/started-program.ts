import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { AlipaySandbox } from '../index.ts'
import type { StartedProgram } from './program.ts'

/** As much of a sandbox as the signing helpers need, seen from another process. */
export async function seenFromOutside({ summary }: StartedProgram): Promise<AlipaySandbox> {
  const keyFile = summary.app_private_key_file ?? ''
  const appPrivateKey = await readFile(keyFile, 'utf8')
  const alipayPublicKeyPem = await readFile(join(dirname(keyFile), 'alipay-public.pem'), 'utf8')
  return {
    gatewayUrl: summary.gateway,
    endpoint: summary.gateway?.replace('/gateway.do', ''),
    merchant: { appId: summary.app_id, appPrivateKey, alipayPublicKeyPem },
    clock: { now: () => new Date() },
  } as unknown as AlipaySandbox
}
