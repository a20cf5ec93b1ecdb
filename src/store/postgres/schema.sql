-- The schema of version 1. Run inside one transaction, as the owner of the database.

create schema konvolutt;

-- What is true of the whole store: the version, the fingerprint of the secret, why it is closed.
create table konvolutt.about (
    key text primary key,
    value text not null
);

-- Whether a claim has ended. Also one that ends later than any can: the clock was set back since, and nobody waits for the time
-- that it once showed.
create function konvolutt.is_over(until timestamptz) returns boolean
language sql volatile
as $$ select until < clock_timestamp() or until > clock_timestamp() + interval '30 seconds' $$;

create sequence konvolutt.letter_id;

-- One row for each letter. It stays when the letter is gone, so that its name stays taken.
create table konvolutt.letter (
    id bigint primary key default nextval('konvolutt.letter_id'),
    name text not null check (name ~ '^[0-9a-f]{64}$'),
    -- Whether the row holds its name. A corrupt letter does not: the same page may come once more.
    named boolean not null default true,
    state text not null default 'waiting'
        check (state in ('waiting', 'held', 'delivered', 'corrupt', 'discarded')),
    mailbox text not null,
    -- Bytes that the letter takes, and those of its mail. No parts: nothing is kept but the row.
    size bigint not null,
    length bigint not null,
    kept boolean not null default true,
    -- SHA-256 of the mail's own SHA-256 and the envelope.
    digest bytea not null,
    envelope text not null,
    -- What a signed receipt is made of.
    proof text,
    -- Seconds since 1970, by the minute.
    came bigint not null default extract(epoch from date_trunc('minute', clock_timestamp()))::bigint,
    -- When it left the queue, in the same way.
    put bigint,
    -- What was tried, and what is kept of it when it was discarded: JSON.
    status text,
    record text,
    -- Who delivers it, until when.
    owner text,
    node text,
    process integer,
    since bigint,
    until timestamptz,
    -- The transaction that changed it last, and the last that put it aside or took it back.
    changed xid8 not null default pg_current_xact_id(),
    aside xid8,
    -- Raised by each repeat of its page: a write, which waits for the standbys as its commit did.
    seen bigint not null default 0
);

create unique index letter_name on konvolutt.letter (name) where named;
create index letter_any_name on konvolutt.letter (name) where not named;
create index letter_changed on konvolutt.letter (changed);
create index letter_waiting on konvolutt.letter (came, id) where state = 'waiting';
create index letter_aside on konvolutt.letter (state) where state in ('held', 'corrupt', 'discarded');

-- The mail's bytes, 256 KiB in a row. They are sealed, and cannot be compressed.
create table konvolutt.part (
    letter bigint not null,
    n integer not null,
    body bytea not null,
    primary key (letter, n)
);
alter table konvolutt.part alter column body set storage external;

create table konvolutt.note (
    name text primary key,
    value bytea not null
);

-- One row for each node that delivers; the one that leads has the row of `leader`.
create table konvolutt.node (
    name text primary key,
    place text not null,
    seen timestamptz not null default clock_timestamp()
);

create table konvolutt.leader (
    one boolean primary key default true check (one),
    owner text not null,
    node text not null,
    until timestamptz not null
);

-- One row for each node, written to see whether a write comes through.
create table konvolutt.probe (
    node text primary key,
    seen timestamptz not null default clock_timestamp()
);
