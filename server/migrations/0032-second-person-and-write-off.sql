-- Why: to end a paid order for the platform gives all of it back, so above the sum a second operator has to agree here
-- as well. A host's debt that no payout will ever net becomes the platform's loss, and only two people may say so
-- (promises E32). And a fact says from which provider it came: money without an owner stands in that one's account (L8).

alter table refund_requests
  drop constraint refund_requests_kind_known,
  drop constraint refund_requests_part_is_whole,
  drop constraint refund_requests_end_a_refund,
  add constraint refund_requests_kind_known check (kind in ('part', 'transfer', 'void', 'cancel', 'writeoff')),
  -- An order and a sum: a part of what was paid, all that is left of it, or what its host owes.
  add constraint refund_requests_part_is_whole
    check ((kind in ('part', 'cancel', 'writeoff')) = (order_id is not null and amount_fen is not null)),
  add constraint refund_requests_reason_is_of_a_refund check ((kind in ('part', 'cancel')) = (reason is not null)),
  -- An order that ends may have nothing left to give back by then, and a debt that is written off is no refund.
  add constraint refund_requests_end_a_refund check (
    case kind
      when 'part' then (refund_id is not null) = (state = 'approved')
      when 'cancel' then refund_id is null or state = 'approved'
      when 'writeoff' then refund_id is null
      else refund_id is not null
    end);
create unique index refund_requests_one_wish_per_order on refund_requests (order_id, kind)
  where state = 'asked' and kind in ('cancel', 'writeoff');

-- Null where it was kept before, or where nobody proved who sent it.
alter table gateway_facts add column provider text;
