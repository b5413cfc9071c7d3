-- Why: hosts choose how late a guest may cancel for how much. The rule an order was made under stays with the order.
alter table houses
  add column cancel_policy text not null default 'standard',
  add constraint houses_cancel_policy_known check (cancel_policy in ('flexible', 'standard', 'strict'));

drop trigger houses_tell_changes on houses;
create trigger houses_tell_changes after insert or delete or update of
  user_id, area_id, title, price_fen, address, room_count, acreage, unit, capacity, beds, deposit_fen, min_days,
  max_days, order_count, index_image_key, listed, instant, taken_down_reason, weekend_price_fen, cancel_policy on houses
  for each row execute function tell_change('house', 'id');
