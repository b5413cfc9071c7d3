import { createPublicKey } from 'node:crypto'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, createServer } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AlipaySandbox, type SandboxKeys, startAlipaySandbox } from '../index.ts'
import { readPrivateKey } from '../keys.ts'
import { sharedKeys } from '../testing/keys.ts'
import { commonParams, payUrl, readAnswer, signRequest } from '../testing/merchant.ts'
import { issueCertificate } from './issue.ts'
import { BadTlsHost, tlsIdentity } from './tls-identity.ts'

const HOST = 'openapi.alipay.com'
let directory: string
let keys: SandboxKeys
let sandbox: AlipaySandbox
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'alipay-sandbox-tls-'))
  keys = await sharedKeys()
  const tls = { port: 0, hosts: [HOST, '127.0.0.1'] }
  sandbox = await startAlipaySandbox({ port: 0, dataDir: directory, keys, tls })
})
afterAll(async () => {
  await sandbox.stop()
  await rm(directory, { recursive: true, force: true })
})

function tlsOf({ tls }: AlipaySandbox) {
  if (!tls) throw new Error('no TLS listener')
  return tls
}

/** As with a hosts-file entry: the name is the real gateway's, the address is ours. */
function post(
  path: string,
  body: string,
  host = HOST,
  method = 'POST',
): Promise<{ status: number; text: string; to?: string }> {
  const { port, caCert } = tlsOf(sandbox)
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        host: '127.0.0.1',
        port,
        path,
        method,
        servername: host,
        ca: caCert,
        headers: { host, 'content-type': 'application/x-www-form-urlencoded' },
        agent: false,
      },
      (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk
        })
        response.on('end', () => {
          const { location } = response.headers
          resolve({ status: response.statusCode ?? 0, text, ...(location !== undefined && { to: location }) })
        })
      },
    )
    asked.on('error', reject)
    asked.end(body)
  })
}

/** Why a client that trusts `ca` refuses a server with this certificate; nothing if it does not. */
async function refusalOf(face: { cert: string; key: string }, ca: string, servername: string) {
  const server = createServer(face, (socket) => socket.end())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const refusal = await new Promise<string | undefined>((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, ca, servername }, () => {
      resolve(undefined)
      socket.destroy()
    })
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(`${error.code} ${error.message}`))
  })
  await new Promise((resolve) => server.close(resolve))
  return refusal
}

describe('the TLS listener', () => {
  test('SBX-81 a client that trusts the CA reaches /gateway.do under the host name', async () => {
    const { merchant } = sandbox
    const params = commonParams(sandbox, 'alipay.trade.query', { out_trade_no: 'tls1' })
    const body = String(new URLSearchParams(signRequest(params, merchant.appPrivateKey)))
    const { status, text } = await post('/gateway.do', body)
    expect(status).toBe(200)
    const { answer, verified } = readAnswer(text, merchant.alipayPublicKeyPem)
    expect(verified).toBe(true)
    expect(answer).toMatchObject({ sub_code: 'ACQ.TRADE_NOT_EXIST' })
    expect(tlsOf(sandbox)).toMatchObject({ endpoint: `https://${HOST}:${tlsOf(sandbox).port}` })
  })

  test('SBX-81 a buyer who is sent to the constant address finds the cashier under the same name', async () => {
    const url = new URL(payUrl(sandbox, { out_trade_no: 'tls2' }))
    const { status, to = '' } = await post(`${url.pathname}${url.search}`, '', HOST, 'GET')
    expect(status).toBe(302)
    const entered = await post(to, '', HOST, 'GET')
    expect([to, entered.to]).toEqual([expect.stringMatching(/^\/cashier\//), expect.stringMatching(/^\/cashier\//)])
    const page = await post(entered.to ?? '', '', HOST, 'GET')
    expect(page.status).toBe(200)
    expect(page.text).toContain('离线沙箱')
  })

  test('SBX-81 SBX-79 under a foreign name only the gateway is served, never the control API', async () => {
    expect((await post('/_sandbox/api/v1/reset', '{}')).status).toBe(403)
  })

  test('SBX-81 another name than the chosen ones is refused by the client', async () => {
    await expect(post('/gateway.do', '', 'example.com')).rejects.toMatchObject({
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    })
  })

  test('SBX-81 the CA can vouch for exactly these hosts: a certificate for any other is refused though it signed it', async () => {
    const { caCert } = tlsOf(sandbox)
    const caKey = readPrivateKey(await readFile(join(directory, 'keys', 'tls-ca-private.pem'), 'utf8'))
    const name = { c: 'CN', o: 'alipay-sandbox', ou: 'Offline Test TLS', cn: 'alipay-sandbox TLS CA' }
    const face = (...hosts: string[]) => ({
      key: keys.appPrivateKey,
      cert: issueCertificate({
        subject: { ...name, ou: 'Forged', cn: 'forged' },
        publicKey: createPublicKey(keys.appPrivateKey),
        issuer: name,
        issuerKey: caKey,
        notBefore: new Date('2020-01-01'),
        notAfter: new Date('2049-01-01'),
        hosts,
      }),
    })
    expect(await refusalOf(face(HOST), caCert, HOST)).toBeUndefined()
    expect(await refusalOf(face('example.com'), caCert, 'example.com')).toMatch(/permitted subtree violation/i)
    expect(await refusalOf(face(HOST, '10.0.0.1'), caCert, HOST)).toMatch(/permitted subtree violation/i)
    const onlyNames = await tlsIdentity([HOST], undefined)
    const onlyAddress = await tlsIdentity(['::1'], undefined)
    for (const { cert, key, caCert: ca } of [onlyNames, onlyAddress]) {
      expect(await refusalOf({ cert, key }, ca, 'other.example')).toMatch(/ERR_TLS_CERT_ALTNAME_INVALID/)
    }
  })

  test('SBX-81 SBX-82 the CA key is 0600 in the data directory; a second start keeps it, other hosts change the CA only', async () => {
    const { caCert, caCertFile } = tlsOf(sandbox)
    const file = join(directory, 'keys', 'tls-ca-private.pem')
    const before = await readFile(file, 'utf8')
    for (const name of ['tls-ca-private.pem', 'tls-private.pem', 'tls-ca.crt']) {
      expect((await stat(join(directory, 'keys', name))).mode & 0o777).toBe(0o600)
    }
    expect(await readFile(caCertFile ?? '', 'utf8')).toBe(caCert)
    expect((await tlsIdentity([HOST, '127.0.0.1'], directory)).caCert).toBe(caCert)
    expect((await tlsIdentity(['localhost'], directory)).caCert).not.toBe(caCert)
    expect(await readFile(file, 'utf8')).toBe(before)
    expect(before).not.toContain(caCert)
  })

  test('SBX-81 names that are none are refused; without the option there is no TLS listener', async () => {
    await expect(tlsIdentity(['not a host'], undefined)).rejects.toThrow(BadTlsHost)
    await expect(tlsIdentity([], undefined)).rejects.toThrow(BadTlsHost)
    await using plain = await startAlipaySandbox({ port: 0, memory: true, keys })
    expect(plain.tls).toBeUndefined()
  })
})
