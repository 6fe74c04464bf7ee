package import SQLite

/// The tables of `store.db`, in the order in which they came. A step that has been released is never edited: a change is
/// another step. Deferred constraints are not used: one would fail a whole group's commit instead of its own job.
package enum Schema {
    package static let migrations = [
        Migration(1, "configuration", configuration),
        Migration(2, "contents, records and e-mails", emails),
        Migration(3, "tickets", tickets),
        Migration(4, "journal, sent marks and outbox", journal),
        Migration(5, "tasks and settings", tasks),
        Migration(6, "fewer index entries for a journal row", sparseJournal),
        Migration(7, "sent copies that are owed", owedCopies),
        Migration(8, "daily byte budgets", budgets),
        Migration(9, "metadata of mailboxes", metadata),
        Migration(10, "outbox with an outcome for each recipient", outbox),
        Migration(11, "binary messages in the outbox", binaryOutbox),
        Migration(12, "what a sender wants to hear of a queued message", notifications),
        Migration(13, "hourly limits of sending", sendings),
        Migration(14, "queued messages that require TLS", requiredTLS),
        Migration(15, "servers that save what they send", savingServers),
        Migration(16, "what waits in each outbox, counted", outboxLoads),
    ]

    // Names compare without case by `name_key`, made here and not by SQLite, whose own folding is ASCII alone. Lists that
    // nothing searches are JSON arrays. Accounts are never deleted: their journal keeps a message from running twice
    // when an account comes back. `removed` then says whose it was, for only the same one may come back.
    private static let configuration = """
        CREATE TABLE state (key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        INSERT INTO state VALUES ('directory', 1);
        CREATE TABLE users (
            id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, name_key TEXT NOT NULL UNIQUE,
            display_name TEXT NOT NULL, verifier TEXT, addresses TEXT NOT NULL, administrator INTEGER NOT NULL,
            active INTEGER NOT NULL, origin TEXT NOT NULL
        ) STRICT;
        CREATE TABLE groups (
            id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, name_key TEXT NOT NULL UNIQUE,
            display_name TEXT NOT NULL, origin TEXT NOT NULL
        ) STRICT;
        CREATE TABLE group_members (
            group_id INTEGER NOT NULL REFERENCES groups ON DELETE CASCADE, place INTEGER NOT NULL,
            user INTEGER NOT NULL REFERENCES users ON DELETE CASCADE, PRIMARY KEY (group_id, user)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX group_members_by_user ON group_members (user);
        CREATE TABLE servers (
            id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, name_key TEXT NOT NULL UNIQUE, imap TEXT, smtp TEXT,
            connection_limit INTEGER NOT NULL, origin TEXT NOT NULL
        ) STRICT;
        CREATE TABLE accounts (
            id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, name_key TEXT NOT NULL UNIQUE,
            server INTEGER REFERENCES servers, login TEXT NOT NULL, secret BLOB, address TEXT NOT NULL,
            identities TEXT NOT NULL, sender_address TEXT, sender_name TEXT NOT NULL, active INTEGER NOT NULL,
            owner INTEGER REFERENCES users, monitored TEXT NOT NULL, sent_mailbox TEXT, outbox TEXT NOT NULL,
            origin TEXT NOT NULL, removed TEXT, CHECK (server IS NOT NULL OR removed IS NOT NULL)
        ) STRICT;
        CREATE INDEX accounts_by_server ON accounts (server);
        CREATE INDEX accounts_by_owner ON accounts (owner);
        CREATE TABLE grants (
            id INTEGER PRIMARY KEY AUTOINCREMENT, account INTEGER NOT NULL REFERENCES accounts,
            user INTEGER REFERENCES users ON DELETE CASCADE, group_id INTEGER REFERENCES groups ON DELETE CASCADE,
            rights INTEGER NOT NULL, mailboxes TEXT NOT NULL, networks TEXT NOT NULL, expiry INTEGER,
            origin TEXT NOT NULL, CHECK ((user IS NULL) <> (group_id IS NULL))
        ) STRICT;
        CREATE INDEX grants_by_account ON grants (account);
        CREATE INDEX grants_by_user ON grants (user);
        CREATE INDEX grants_by_group ON grants (group_id);
        CREATE TABLE scanners (
            id INTEGER PRIMARY KEY AUTOINCREMENT, account INTEGER NOT NULL UNIQUE REFERENCES accounts,
            rules TEXT NOT NULL, origin TEXT NOT NULL
        ) STRICT;
        """

    // A chunk's id is its content's id and its place in it, so that a range is found without another index. A content
    // has its digest once it is complete.
    private static let emails = """
        CREATE TABLE contents (
            id INTEGER PRIMARY KEY AUTOINCREMENT, digest BLOB UNIQUE, size INTEGER NOT NULL, stored INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE content_chunks (id INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;
        CREATE TABLE records (
            id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, name TEXT NOT NULL, name_key TEXT NOT NULL,
            number TEXT, origin TEXT NOT NULL, UNIQUE (kind, name_key)
        ) STRICT;
        CREATE INDEX records_by_number ON records (number, kind) WHERE number IS NOT NULL;
        CREATE TABLE record_addresses (
            record INTEGER NOT NULL REFERENCES records ON DELETE CASCADE, place INTEGER NOT NULL, address TEXT NOT NULL,
            address_key TEXT NOT NULL, PRIMARY KEY (record, place)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX record_addresses_by_key ON record_addresses (address_key);
        CREATE TABLE record_domains (
            record INTEGER NOT NULL REFERENCES records ON DELETE CASCADE, place INTEGER NOT NULL, domain TEXT NOT NULL,
            PRIMARY KEY (record, place)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX record_domains_by_domain ON record_domains (domain);
        CREATE TABLE emails (
            id INTEGER PRIMARY KEY AUTOINCREMENT, account INTEGER NOT NULL REFERENCES accounts,
            identity BLOB NOT NULL UNIQUE, direction TEXT NOT NULL, message_id TEXT NOT NULL, in_reply_to TEXT NOT NULL,
            reference_ids TEXT NOT NULL, subject TEXT NOT NULL, date INTEGER, date_zone INTEGER, text BLOB NOT NULL,
            html BLOB, automatic INTEGER NOT NULL, size INTEGER NOT NULL, source BLOB REFERENCES contents (digest),
            recorded INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX emails_by_message_id ON emails (message_id);
        CREATE INDEX emails_by_account ON emails (account);
        CREATE INDEX emails_by_source ON emails (source);
        CREATE TABLE email_owners (
            email INTEGER NOT NULL REFERENCES emails ON DELETE CASCADE, account INTEGER NOT NULL REFERENCES accounts,
            PRIMARY KEY (email, account)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX email_owners_by_account ON email_owners (account);
        CREATE TABLE email_addresses (
            email INTEGER NOT NULL REFERENCES emails ON DELETE CASCADE, role TEXT NOT NULL, place INTEGER NOT NULL,
            name TEXT NOT NULL, address TEXT NOT NULL, address_key TEXT NOT NULL, PRIMARY KEY (email, role, place)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX email_addresses_by_key ON email_addresses (address_key);
        CREATE TABLE attachments (
            email INTEGER NOT NULL REFERENCES emails ON DELETE CASCADE, place INTEGER NOT NULL, name TEXT NOT NULL,
            media_type TEXT NOT NULL, size INTEGER NOT NULL, content_id TEXT,
            content BLOB NOT NULL REFERENCES contents (digest), PRIMARY KEY (email, place)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX attachments_by_content ON attachments (content);
        CREATE TABLE relations (
            email INTEGER NOT NULL REFERENCES emails ON DELETE CASCADE,
            record INTEGER NOT NULL REFERENCES records ON DELETE CASCADE, reason TEXT NOT NULL,
            PRIMARY KEY (email, record)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX relations_by_record ON relations (record);
        """

    // AUTOINCREMENT: a number is never used again. A rolled back insert leaves no gap, the counter rolls back with it.
    private static let tickets = """
        CREATE TABLE tickets (
            number INTEGER PRIMARY KEY AUTOINCREMENT, subject TEXT NOT NULL, requester TEXT, requester_key TEXT,
            requester_name TEXT NOT NULL, organization INTEGER REFERENCES records ON DELETE SET NULL, assignee TEXT,
            status TEXT NOT NULL, priority TEXT NOT NULL, queue TEXT NOT NULL, needs_reaction INTEGER NOT NULL,
            linked_to INTEGER REFERENCES tickets, created INTEGER NOT NULL, updated INTEGER NOT NULL,
            status_since INTEGER NOT NULL, closed INTEGER
        ) STRICT;
        CREATE INDEX tickets_by_update ON tickets (updated);
        CREATE INDEX tickets_by_requester ON tickets (requester_key, created);
        CREATE INDEX tickets_by_organization ON tickets (organization);
        CREATE INDEX tickets_by_link ON tickets (linked_to);
        CREATE TABLE ticket_emails (
            ticket INTEGER NOT NULL REFERENCES tickets, email INTEGER NOT NULL REFERENCES emails,
            PRIMARY KEY (ticket, email)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX ticket_emails_by_email ON ticket_emails (email);
        CREATE TABLE ticket_events (
            id INTEGER PRIMARY KEY, ticket INTEGER NOT NULL REFERENCES tickets, kind TEXT NOT NULL,
            moment INTEGER NOT NULL, actor TEXT NOT NULL, text TEXT NOT NULL, email INTEGER REFERENCES emails
        ) STRICT;
        CREATE INDEX ticket_events_by_ticket ON ticket_events (ticket, kind, moment);
        CREATE INDEX ticket_events_by_email ON ticket_events (email);
        CREATE TABLE ticket_references (
            message_id TEXT NOT NULL, ticket INTEGER NOT NULL REFERENCES tickets, PRIMARY KEY (message_id, ticket)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX ticket_references_by_ticket ON ticket_references (ticket);
        """

    // UNIQUE (account, identity) is what makes a message run once.
    private static let journal = """
        CREATE TABLE journal (
            id INTEGER PRIMARY KEY AUTOINCREMENT, account INTEGER NOT NULL REFERENCES accounts, identity BLOB NOT NULL,
            direction TEXT NOT NULL, message_id TEXT NOT NULL, subject TEXT NOT NULL, outcome TEXT NOT NULL,
            decision TEXT NOT NULL, failure TEXT, attempts INTEGER NOT NULL, retry_at INTEGER,
            email INTEGER REFERENCES emails ON DELETE SET NULL, ticket INTEGER REFERENCES tickets ON DELETE SET NULL,
            first_seen INTEGER NOT NULL, updated INTEGER NOT NULL, UNIQUE (account, identity)
        ) STRICT;
        CREATE INDEX journal_by_message_id ON journal (message_id);
        CREATE INDEX journal_by_ticket ON journal (ticket);
        CREATE INDEX journal_by_email ON journal (email);
        CREATE INDEX journal_by_outcome ON journal (outcome, retry_at);
        CREATE TABLE journal_places (
            account INTEGER NOT NULL, mailbox TEXT NOT NULL, uid_validity INTEGER NOT NULL, uid INTEGER NOT NULL,
            journal INTEGER NOT NULL REFERENCES journal ON DELETE CASCADE,
            PRIMARY KEY (account, mailbox, uid_validity, uid)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX journal_places_by_journal ON journal_places (journal);
        CREATE TABLE sent_marks (
            account INTEGER NOT NULL REFERENCES accounts, identity BLOB NOT NULL, message_id TEXT NOT NULL,
            relay TEXT NOT NULL, copy TEXT NOT NULL, moment INTEGER NOT NULL, PRIMARY KEY (account, identity)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX sent_marks_open ON sent_marks (moment)
            WHERE relay = 'sending' OR copy IN ('missing', 'saving');
        CREATE TABLE outbox (
            id INTEGER PRIMARY KEY AUTOINCREMENT, account INTEGER NOT NULL REFERENCES accounts, sender TEXT,
            recipients TEXT NOT NULL, content BLOB NOT NULL REFERENCES contents (digest), state TEXT NOT NULL,
            attempts INTEGER NOT NULL, next_attempt INTEGER NOT NULL, last_error TEXT, created INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX outbox_by_time ON outbox (state, next_attempt);
        CREATE INDEX outbox_by_account ON outbox (account);
        CREATE INDEX outbox_by_content ON outbox (content);
        """

    // Most rows have neither, and at first none has. No query looks for an outcome alone.
    private static let sparseJournal = """
        DROP INDEX journal_by_ticket;
        DROP INDEX journal_by_email;
        DROP INDEX journal_by_outcome;
        CREATE INDEX journal_by_ticket ON journal (ticket) WHERE ticket IS NOT NULL;
        CREATE INDEX journal_by_email ON journal (email) WHERE email IS NOT NULL;
        """

    // What is to be saved in Sent is kept until it is.
    private static let owedCopies = """
        ALTER TABLE sent_marks ADD COLUMN content BLOB REFERENCES contents (digest);
        CREATE INDEX sent_marks_by_content ON sent_marks (content) WHERE content IS NOT NULL;
        """

    // A row for each day (of UTC, counted from 1970) on which an account's IMAP connections were used.
    private static let budgets = """
        ALTER TABLE servers ADD COLUMN daily_download INTEGER;
        ALTER TABLE servers ADD COLUMN daily_upload INTEGER;
        CREATE TABLE traffic (
            account INTEGER NOT NULL REFERENCES accounts, day INTEGER NOT NULL, received INTEGER NOT NULL,
            sent INTEGER NOT NULL, PRIMARY KEY (account, day)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX traffic_by_day ON traffic (day);
        """

    // No account: the server's own. No user: shared. NULLs are distinct in an index, so its columns tell them as 0.
    private static let metadata = """
        CREATE TABLE metadata_entries (
            id INTEGER PRIMARY KEY, account INTEGER REFERENCES accounts ON DELETE CASCADE, mailbox TEXT NOT NULL,
            user INTEGER REFERENCES users ON DELETE CASCADE, entry TEXT NOT NULL COLLATE NOCASE, value BLOB NOT NULL,
            size INTEGER NOT NULL, CHECK (account IS NOT NULL OR user IS NOT NULL)
        ) STRICT;
        CREATE UNIQUE INDEX metadata_entries_by_place
            ON metadata_entries (ifnull(account, 0), mailbox, ifnull(user, 0), entry);
        CREATE INDEX metadata_entries_by_account ON metadata_entries (account, mailbox);
        CREATE INDEX metadata_entries_by_user ON metadata_entries (user);
        """

    // Nothing was ever queued in the table before. `due` is when there is something to be done with the row.
    private static let outbox = """
        DROP TABLE outbox;
        CREATE TABLE outbox (
            id INTEGER PRIMARY KEY AUTOINCREMENT, account INTEGER NOT NULL REFERENCES accounts, identity BLOB NOT NULL,
            message_id TEXT NOT NULL, actor TEXT NOT NULL, sender TEXT, smtp_utf8 INTEGER NOT NULL,
            content BLOB NOT NULL REFERENCES contents (digest), size INTEGER NOT NULL, trace BLOB NOT NULL,
            state TEXT NOT NULL, due INTEGER, attempts INTEGER NOT NULL, next_attempt INTEGER NOT NULL, warn_at INTEGER,
            give_up_at INTEGER NOT NULL, report_at INTEGER, last_error TEXT, created INTEGER NOT NULL,
            recipients TEXT NOT NULL
        ) STRICT;
        CREATE INDEX outbox_by_due ON outbox (due) WHERE due IS NOT NULL;
        CREATE INDEX outbox_by_account ON outbox (account, state);
        CREATE INDEX outbox_by_content ON outbox (content);
        """

    // Counted with each change, since it is asked for with each message. What is due is found by account.
    private static let outboxLoads = """
        CREATE TABLE outbox_loads (
            account INTEGER PRIMARY KEY, messages INTEGER NOT NULL, octets INTEGER NOT NULL
        ) STRICT;
        INSERT INTO outbox_loads
            SELECT account, sum(state <> 'finished'), sum(iif(state = 'finished', 0, size)) FROM outbox GROUP BY account;
        CREATE TRIGGER outbox_load_grows AFTER INSERT ON outbox BEGIN
            INSERT INTO outbox_loads
                VALUES (NEW.account, NEW.state <> 'finished', iif(NEW.state = 'finished', 0, NEW.size))
                ON CONFLICT (account)
                DO UPDATE SET messages = messages + excluded.messages, octets = octets + excluded.octets;
        END;
        CREATE TRIGGER outbox_load_shrinks AFTER DELETE ON outbox WHEN OLD.state <> 'finished' BEGIN
            UPDATE outbox_loads SET messages = messages - 1, octets = octets - OLD.size WHERE account = OLD.account;
        END;
        CREATE TRIGGER outbox_load_changes AFTER UPDATE OF state ON outbox
        WHEN (OLD.state = 'finished') <> (NEW.state = 'finished') BEGIN
            UPDATE outbox_loads SET messages = messages + iif(NEW.state = 'finished', -1, 1),
                octets = octets + iif(NEW.state = 'finished', -NEW.size, NEW.size) WHERE account = NEW.account;
        END;
        DROP INDEX outbox_by_account;
        CREATE INDEX outbox_by_account ON outbox (account, due);
        """

    private static let binaryOutbox = """
        ALTER TABLE outbox ADD COLUMN is_binary INTEGER NOT NULL DEFAULT 0;
        """

    // What is wanted of each recipient stands in the list of recipients.
    private static let notifications = """
        ALTER TABLE outbox ADD COLUMN returns TEXT;
        ALTER TABLE outbox ADD COLUMN envelope_id TEXT;
        """

    // Limits: NULL for the house's, 0 for none. A row for each minute, counted from 1970, in which a user sent.
    private static let sendings = """
        ALTER TABLE users ADD COLUMN messages_per_hour INTEGER;
        ALTER TABLE users ADD COLUMN recipients_per_hour INTEGER;
        CREATE TABLE sendings (
            user INTEGER NOT NULL REFERENCES users ON DELETE CASCADE, minute INTEGER NOT NULL,
            messages INTEGER NOT NULL, recipients INTEGER NOT NULL, PRIMARY KEY (user, minute)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX sendings_by_minute ON sendings (minute);
        """

    private static let requiredTLS = """
        ALTER TABLE outbox ADD COLUMN requires_tls INTEGER NOT NULL DEFAULT 0;
        """

    private static let savingServers = """
        ALTER TABLE servers ADD COLUMN saves_sent INTEGER NOT NULL DEFAULT 0;
        """

    private static let tasks = """
        CREATE TABLE tasks (
            name TEXT PRIMARY KEY, period INTEGER NOT NULL, active INTEGER NOT NULL, next_run INTEGER NOT NULL,
            last_run INTEGER, leased_until INTEGER
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE runs (
            id INTEGER PRIMARY KEY AUTOINCREMENT, task TEXT NOT NULL, started INTEGER NOT NULL, ended INTEGER,
            status TEXT NOT NULL, counts TEXT NOT NULL, error TEXT
        ) STRICT;
        CREATE INDEX runs_by_task ON runs (task, started);
        CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
        """
}
