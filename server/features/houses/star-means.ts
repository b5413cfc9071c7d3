import { sql } from 'kysely'

/** The means of the stars of a house `h` by part, of the reviews that can be seen. */
export const STAR_MEANS = sql`(
  select json_build_object('clean', round(avg(r.clean), 1), 'accurate', round(avg(r.accurate), 1),
                           'location', round(avg(r.location), 1), 'host', round(avg(r.host), 1))
    from reviews r where r.house_id = h.id and r.hidden_at is null)`
