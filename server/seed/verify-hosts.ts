import { createHash } from 'node:crypto'
import { checkCharacterOf } from '@ihome/core/identity/id-card'
import { sql } from 'kysely'
import type { Tx } from '../platform/db.ts'
import { keyedDigests, type SealingKeys, seal } from '../platform/sealing.ts'

const SURNAMES = '赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨'
const GIVEN = '安宁和平清越知行'
/** Tells the seed's people from everybody who was really checked. */
const VERIFIED_BY = 'seed'

/** Invented, and with a county (110199) that does not exist, so it is the number of nobody. */
function inventIdCard(n: number): string {
  const month = String(1 + (n % 12)).padStart(2, '0')
  const day = String(1 + (n % 28)).padStart(2, '0')
  const seventeen = `110199${1960 + (n % 40)}${month}${day}${String(n % 1_000).padStart(3, '0')}`
  return seventeen + checkCharacterOf(seventeen)
}

const inventName = (n: number): string =>
  `${SURNAMES[n % SURNAMES.length]}${GIVEN[n % GIVEN.length]}${GIVEN[(n * 5 + 3) % GIVEN.length]}`

/**
 * Real names for the hosts with these numbers. Who publishes is verified, and the same seed must give the same rows:
 * so a nonce follows from what it seals, and one nonce never seals two texts.
 */
export async function verifyHosts(tx: Tx, hosts: readonly number[], given: SealingKeys | undefined): Promise<void> {
  const keys = given?.length
    ? given
    : [{ id: 'nobody', key: createHash('sha256').update('nobody keeps this').digest() }]
  const sealed = (place: string, text: string) => {
    const nonce = createHash('sha256').update(`seed ${place} ${text}`).digest()
    return seal(keys, { bytes: (count) => nonce.subarray(0, count) }, place, text)
  }
  const rows = hosts.map((id) => ({
    id,
    name: sealed(`real_name:${id}`, inventName(id)),
    card: sealed(`id_card:${id}`, inventIdCard(id)),
    digest: keyedDigests(keys, 'id_card', inventIdCard(id))[0],
  }))
  const column = <K extends keyof (typeof rows)[number]>(key: K) => rows.map((row) => row[key])
  await sql`
    update users set real_name_sealed = given.name, id_card_sealed = given.card, id_card_digest = given.digest,
                     verified_at = created_at, verified_by = ${VERIFIED_BY}
    from unnest(${column('id')}::bigint[], ${column('name')}::bytea[], ${column('card')}::bytea[],
                ${column('digest')}::bytea[]) as given (id, name, card, digest)
    where users.id = given.id`.execute(tx)
  await sql`
    insert into consents (user_id, purpose, version, given_at)
    select id, 'real_name', '2026-11', created_at from users where id = any(${column('id')}::bigint[]) order by id`.execute(
    tx,
  )
}
