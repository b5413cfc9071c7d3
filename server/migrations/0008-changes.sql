-- Why: every instance may keep answers in memory, so each must hear of every change to what those answers show, whoever
-- made it: another instance, a command, a person at a psql prompt. A notification leaves with its commit or not at all.
-- The nights of a house (busy) are not among them: nothing that depends on nights is kept, and a booking therefore
-- never waits in the queue of notifications.

create function tell_change() returns trigger language plpgsql as $$
declare
  row_now jsonb := case when tg_op = 'DELETE' then to_jsonb(old) else to_jsonb(new) end;
begin
  perform pg_notify('ihome_changes', tg_argv[0] || coalesce(':' || (row_now ->> tg_argv[1]), ''));
  return null;
end $$;

create trigger houses_tell_changes after insert or delete or update of
  user_id, area_id, title, price_fen, address, room_count, acreage, unit, capacity, beds, deposit_fen, min_days,
  max_days, order_count, index_image_key, listed on houses
  for each row execute function tell_change('house', 'id');
create trigger house_facilities_tell_changes after insert or delete or update on house_facilities
  for each row execute function tell_change('house', 'house_id');
create trigger house_photos_tell_changes after insert or delete or update on house_photos
  for each row execute function tell_change('house', 'house_id');
create trigger orders_tell_comments after update of comment on orders
  for each row when (new.comment is distinct from old.comment)
  execute function tell_change('house', 'house_id');
create trigger users_tell_changes after update of name, phone, avatar_key on users
  for each row execute function tell_change('user', 'id');
create trigger areas_tell_changes after insert or delete or update on areas
  for each row execute function tell_change('areas');
create trigger facilities_tell_changes after insert or delete or update on facilities
  for each row execute function tell_change('facilities');
