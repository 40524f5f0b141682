-- A member's row is a little more than 2 kB with its rendered text, which is where PostgreSQL begins to press
-- rows together. Pressed, every change and every reading costs more than the room is worth.
alter table members set (toast_tuple_target = 8160);
alter table scim_calls set (toast_tuple_target = 8160);
