-- What the rules need of an identity number of the registry year, never the number (GB 11643-1999;
-- 20 characters are a disability card).
--   id_length, id_check_agrees, id_birth, id_sex
--   has_card, card_kind, card_grade
select person_id, length(number) as id_length,
    substr('10X98765432', ((7 * (digits // 10000000000000000 % 10)
        + 9 * (digits // 1000000000000000 % 10)
        + 10 * (digits // 100000000000000 % 10)
        + 5 * (digits // 10000000000000 % 10)
        + 8 * (digits // 1000000000000 % 10)
        + 4 * (digits // 100000000000 % 10)
        + 2 * (digits // 10000000000 % 10)
        + 1 * (digits // 1000000000 % 10)
        + 6 * (digits // 100000000 % 10)
        + 3 * (digits // 10000000 % 10)
        + 7 * (digits // 1000000 % 10)
        + 9 * (digits // 100000 % 10)
        + 10 * (digits // 10000 % 10)
        + 5 * (digits // 1000 % 10)
        + 8 * (digits // 100 % 10)
        + 4 * (digits // 10 % 10)
        + 2 * (digits // 1 % 10)) % 11)::int
        + 1, 1) = substr(number, 18, 1) as id_check_agrees,
    try_strptime(substr(number, 7, 8), '%Y%m%d')::date as id_birth,
    case when length(number) >= 17 then case when digits % 2 = 1 then 'male' when digits % 2 = 0
        then 'female' end end as id_sex,
    try_cast(substr(number, 19, 1) as int) as card_kind,
        try_cast(substr(number, 20, 1) as int) as card_grade,
    length(number) >= 20 as has_card
    from (select person_id, upper(id_number) as number,
        try_cast(substr(id_number, 1, 17) as bigint) as digits
          from side.member where snapshot = getvariable('year'))
