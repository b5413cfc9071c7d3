-- Why: whoever looks at the list of places where an account is signed in must recognise their own.
alter table sessions
  add column device text,
  add constraint sessions_device_fits check (char_length(device) between 1 and 60);
