-- Who may do what, and what a server says of itself. Run after the schema, in the same transaction, and at each migration.

drop function if exists konvolutt.durability(bigint);
create function konvolutt.durability(since bigint)
returns table (
    recovering boolean, fsync text, full_page_writes text, synchronous_commit text, standby_names text,
    standbys bigint, hidden bigint, lag double precision, version bigint, secret text, closed text, clock double precision,
    timeline bigint, place bigint, reached bigint
)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp set jit = off
as $$
#variable_conflict use_column
begin
    -- Planned once for each connection: it is asked after each commit.
    return query with here as (
        -- What is flushed here now, or the place that was asked for.
        select case
            when pg_is_in_recovery() then 0
            else coalesce(since, (pg_current_wal_flush_lsn() - '0/0')::bigint)
        end as place
    ), senders as materialized (
        -- What the view `pg_stat_replication` is made of.
        select state, sync_state, flush_lsn, flush_lag from pg_stat_get_wal_senders()
    ), followers as (
        select flush_lsn from senders where state = 'streaming' and sync_state in ('sync', 'quorum')
    )
    select
        pg_is_in_recovery() or current_setting('transaction_read_only') = 'on',
        current_setting('fsync'),
        current_setting('full_page_writes'),
        current_setting('synchronous_commit'),
        current_setting('synchronous_standby_names'),
        (select count(*) from followers),
        (select count(*) from senders where state is null),
        coalesce((select extract(epoch from max(coalesce(flush_lag, '0'))) from senders), 0)::double precision,
        coalesce((select value::bigint from konvolutt.about where key = 'version'), 0),
        coalesce((select value from konvolutt.about where key = 'secret'), ''),
        coalesce((select value from konvolutt.about where key = 'closed'), ''),
        extract(epoch from clock_timestamp())::double precision,
        case
            when pg_is_in_recovery() then 0
            else ('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))::bit(32)::bigint
        end,
        here.place,
        (select count(*) from followers where flush_lsn - '0/0' >= here.place)
    from here;
end
$$;
revoke all on function konvolutt.durability(bigint) from public;

grant usage on schema konvolutt to konvolutt_web, konvolutt_relay, konvolutt_operator;
grant execute on function konvolutt.durability(bigint) to konvolutt_web, konvolutt_relay, konvolutt_operator;
revoke all on all tables in schema konvolutt from konvolutt_web, konvolutt_relay, konvolutt_operator;
revoke all on all sequences in schema konvolutt from konvolutt_web, konvolutt_relay, konvolutt_operator;

-- The web side brings letters and asks for them by name. It reads no body and no envelope, and takes nothing away.
grant usage on sequence konvolutt.letter_id to konvolutt_web;
grant insert (id, name, mailbox, size, length, digest, envelope, proof) on konvolutt.letter to konvolutt_web;
grant select (id, name, named, state, mailbox, size, kept, proof, seen) on konvolutt.letter to konvolutt_web;
grant update (seen) on konvolutt.letter to konvolutt_web;
grant insert on konvolutt.part to konvolutt_web;
grant select, insert, update on konvolutt.probe to konvolutt_web;

-- The relay reads and moves what is there. It brings no letter, and deletes only what was delivered long enough ago.
grant select, delete on konvolutt.letter to konvolutt_relay;
grant update (named, state, kept, put, status, record, owner, node, process, since, until, changed, aside)
    on konvolutt.letter to konvolutt_relay;
grant select, delete on konvolutt.part to konvolutt_relay;
grant select, insert, update on konvolutt.note to konvolutt_relay;
grant select, insert, update on konvolutt.node to konvolutt_relay;
grant select, insert, update on konvolutt.leader to konvolutt_relay;

-- The operator's commands move letters, show them, and discard one at a time.
grant select on konvolutt.letter, konvolutt.part, konvolutt.node, konvolutt.leader, konvolutt.about to konvolutt_operator;
grant update (named, state, kept, put, status, record, changed, aside) on konvolutt.letter to konvolutt_operator;
grant delete on konvolutt.part to konvolutt_operator;
grant select, insert, update on konvolutt.note to konvolutt_operator;
