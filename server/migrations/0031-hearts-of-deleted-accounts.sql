-- Why: ending an account takes its favourites with it from now on; those of accounts that ended before go here.
delete from favourites f using users u where u.id = f.user_id and u.deleted_at is not null;
