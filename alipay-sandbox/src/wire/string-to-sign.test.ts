import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { verifyText } from '../keys.ts'
import { signRequest } from '../testing/merchant.ts'
import { parseRequest } from './parse-request.ts'
import { requestStringToSign, v1StringToSign } from './string-to-sign.ts'

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const privatePem = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()
const publicKey = createPublicKey(privateKey)

const aName = fc.stringMatching(/^[a-z_]{1,12}$/)
const aValue = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.constantFrom('', 'a+b c%=&房😀', '100%', '%2B'),
)
const someParams = fc.dictionary(aName, aValue, { minKeys: 1, maxKeys: 12 })

describe('strings to sign', () => {
  test('SBX-4 whatever an independent signer signs verifies, through query and body alike', () => {
    fc.assert(
      fc.property(someParams, fc.boolean(), (params, inBody) => {
        const signed = signRequest({ ...params, sign_type: 'RSA2' }, privatePem)
        const encoded = new URLSearchParams(signed).toString()
        const type = 'application/x-www-form-urlencoded'
        const parsed = inBody
          ? parseRequest('/gateway.do', type, Buffer.from(encoded))
          : parseRequest(`/gateway.do?${encoded}`, undefined, Buffer.alloc(0))
        const text = requestStringToSign(parsed.params)
        expect(verifyText(publicKey, text, parsed.params.sign ?? '')).toBe(true)
      }),
      { numRuns: 300 },
    )
  })

  test('SBX-4 one changed character in any value or name, or a parameter more, does not verify', () => {
    fc.assert(
      fc.property(someParams, fc.nat(), (params, seed) => {
        const signed = signRequest({ ...params, app_id: '9021000000000001', sign_type: 'RSA2' }, privatePem)
        const names = Object.keys(signed).filter((name) => name !== 'sign')
        const name = names[seed % names.length] ?? ''
        const { [name]: value = '', ...others } = signed
        const spoilt = [
          { ...signed, [name]: `${value}x` },
          { ...signed, zz_extra: '1' },
        ]
        if (value !== '') spoilt.push({ ...others, [`${name}0`]: value } as typeof signed)
        for (const one of spoilt) expect(verifyText(publicKey, requestStringToSign(one), signed.sign ?? '')).toBe(false)
      }),
      { numRuns: 150 },
    )
  })

  test('a request counts sign_type, a notify does not; neither counts sign or empties', () => {
    const params = { sign: 's', sign_type: 'RSA2', b: '2', a: '1', empty: '' }
    expect(requestStringToSign(params)).toBe('a=1&b=2&sign_type=RSA2')
    expect(v1StringToSign(params)).toBe('a=1&b=2')
  })

  test('SBX-3 plus and %20 are spaces, %2B stays a plus', () => {
    const { params } = parseRequest('/gateway.do?a=x+y%20z%2B1&&b=', undefined, Buffer.alloc(0))
    expect(params).toMatchObject({ a: 'x y z+1', b: '' })
  })
})
