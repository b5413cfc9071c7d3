-- Why: what can be rented, and what search needs to find it with one index walk.

create table areas (
  id   integer primary key,
  city text not null,
  name text not null,
  constraint areas_one_per_name unique (city, name)
);

create table facilities (
  id   integer primary key,
  name text not null,
  icon text not null,
  constraint facilities_one_per_name unique (name)
);

insert into areas (id, city, name) values
  (1, '北京', '东城区'), (2, '北京', '西城区'), (3, '北京', '朝阳区'), (4, '北京', '海淀区'),
  (5, '北京', '昌平区'), (6, '北京', '丰台区'), (7, '北京', '房山区'), (8, '北京', '通州区'),
  (9, '北京', '顺义区'), (10, '北京', '大兴区'), (11, '北京', '怀柔区'), (12, '北京', '平谷区'),
  (13, '北京', '密云区'), (14, '北京', '延庆区'), (15, '北京', '石景山区'), (16, '北京', '门头沟区');

insert into facilities (id, name, icon) values
  (1, '无线网络', 'wifi'), (2, '热水淋浴', 'shower'), (3, '空调', 'air-conditioner'), (4, '暖气', 'heater'),
  (5, '允许吸烟', 'smoking'), (6, '饮水设备', 'drinking-water'), (7, '牙具', 'toothbrush'), (8, '香皂', 'soap'),
  (9, '拖鞋', 'slippers'), (10, '手纸', 'toilet-paper'), (11, '毛巾', 'towel'), (12, '沐浴露、洗发露', 'toiletries'),
  (13, '冰箱', 'fridge'), (14, '洗衣机', 'washing-machine'), (15, '电梯', 'elevator'), (16, '允许做饭', 'cooking'),
  (17, '允许带宠物', 'pet'), (18, '允许聚会', 'party'), (19, '门禁系统', 'access-control'), (20, '停车位', 'parking'),
  (21, '有线网络', 'ethernet'), (22, '电视', 'tv'), (23, '浴缸', 'bathtub');

-- order_count, index_image_key and busy repeat what other tables know, so that a list is one walk over one index.
-- busy is the union of the held and confirmed stays of the house and is written by a trigger on stays alone.
create table houses (
  id              bigint generated always as identity primary key,
  user_id         bigint      not null references users (id),
  area_id         integer     not null references areas (id),
  title           text        not null,
  price_fen       bigint      not null,
  address         text        not null,
  room_count      integer     not null,
  acreage         integer     not null,
  unit            text        not null,
  capacity        integer     not null,
  beds            text        not null,
  deposit_fen     bigint      not null,
  min_days        integer     not null,
  max_days        integer     not null,
  order_count     integer     not null default 0,
  index_image_key text,
  listed          boolean     not null default true,
  busy            datemultirange not null default '{}',
  created_at      timestamptz not null,
  updated_at      timestamptz not null,

  constraint houses_title_fits      check (char_length(title) between 1 and 64),
  constraint houses_address_fits    check (char_length(address) between 1 and 512),
  constraint houses_unit_fits       check (char_length(unit) between 1 and 32),
  constraint houses_beds_fit        check (char_length(beds) between 1 and 64),
  constraint houses_price_in_range  check (price_fen between 1 and 9999999),
  constraint houses_deposit_in_range check (deposit_fen between 0 and 9999999),
  constraint houses_rooms_in_range  check (room_count between 1 and 100),
  constraint houses_capacity_in_range check (capacity between 1 and 100),
  constraint houses_acreage_in_range check (acreage between 1 and 100000),
  constraint houses_days_in_range   check (min_days between 1 and 365 and max_days between 0 and 365),
  constraint houses_max_days_not_below_min check (max_days = 0 or max_days >= min_days),
  constraint houses_order_count_positive check (order_count >= 0)
)
-- Room in the page for the changes of busy and order_count, so that they need no new index entries.
with (fillfactor = 80);

create index houses_by_owner        on houses (user_id, id desc);
create index houses_area_newest     on houses (area_id, created_at desc, id desc) where listed;
create index houses_area_popular    on houses (area_id, order_count desc, id desc) where listed;
create index houses_area_price      on houses (area_id, price_fen, id) where listed;
create index houses_newest          on houses (created_at desc, id desc) where listed;
create index houses_popular         on houses (order_count desc, id desc) where listed;
create index houses_price           on houses (price_fen, id) where listed;

create table house_facilities (
  house_id    bigint  not null references houses (id) on delete cascade,
  facility_id integer not null references facilities (id),
  primary key (house_id, facility_id)
);
create index house_facilities_by_facility on house_facilities (facility_id);

create table house_photos (
  id          bigint generated always as identity primary key,
  house_id    bigint      not null references houses (id) on delete cascade,
  storage_key text        not null,
  position    integer     not null,
  caption     text        not null default '',
  created_at  timestamptz not null,

  constraint house_photos_one_per_place unique (house_id, position),
  constraint house_photos_own_key       unique (storage_key)
);
