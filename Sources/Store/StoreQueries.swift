package import MailTypes
package import SQLite

/// What can be asked of the store, within a reader's view or within a transaction.
package protocol StoreQueries: ~Copyable {
    /// For the store's own functions.
    var connection: Connection { get }
}

/// One unchanging view of the store.
package struct StoreReader: StoreQueries, ~Copyable {
    package let connection: Connection
}

/// Reads and changes that happen all or not at all.
package struct StoreTransaction: StoreQueries, ~Copyable {
    package let connection: Connection
}

// Configuration: see Directory for reading.
extension StoreTransaction {
    @discardableResult package func add(_ user: User, origin: Origin = .command) throws(StoreError) -> UserID {
        fatalError()
    }
    @discardableResult package func add(_ group: Group, origin: Origin = .command) throws(StoreError) -> GroupID {
        fatalError()
    }
    @discardableResult package func add(_ server: Server, origin: Origin = .command) throws(StoreError) -> ServerID {
        fatalError()
    }
    @discardableResult package func add(_ account: AccountRecord, origin: Origin = .command) throws(StoreError)
        -> AccountID
    { fatalError() }
    @discardableResult package func add(_ grant: Grant, origin: Origin = .command) throws(StoreError) -> GrantID {
        fatalError()
    }
    @discardableResult package func add(_ scanner: Scanner, origin: Origin = .command) throws(StoreError) -> ScannerID {
        fatalError()
    }
    @discardableResult package func add(_ record: Record, origin: Origin = .command) throws(StoreError) -> RecordID {
        fatalError()
    }

    /// Replace the object that has the value's name (a scanner's account, a record's kind and name).
    /// A nil verifier or secret leaves the stored one. Objects of the site file are refused (`.managedBySite`).
    package func update(_ user: User) throws(StoreError) { fatalError() }
    package func update(_ group: Group) throws(StoreError) { fatalError() }
    package func update(_ server: Server) throws(StoreError) { fatalError() }
    package func update(_ account: AccountRecord) throws(StoreError) { fatalError() }
    package func update(_ scanner: Scanner) throws(StoreError) { fatalError() }
    package func update(_ record: Record) throws(StoreError) { fatalError() }

    package func removeUser(named name: String) throws(StoreError) { fatalError() }
    package func removeGroup(named name: String) throws(StoreError) { fatalError() }
    package func removeServer(named name: String) throws(StoreError) { fatalError() }
    package func removeAccount(named name: String) throws(StoreError) { fatalError() }
    package func removeGrant(_ id: GrantID) throws(StoreError) { fatalError() }
    package func removeScanner(of account: String) throws(StoreError) { fatalError() }
    package func removeRecord(_ id: RecordID) throws(StoreError) { fatalError() }

    /// Allowed for objects of the site file too: the file may leave passwords to the command line.
    package func setVerifier(_ verifier: String?, ofUser name: String) throws(StoreError) { fatalError() }
    package func setSecret(_ sealed: [UInt8]?, ofAccount name: String) throws(StoreError) { fatalError() }

    /// Makes the objects of origin `site` exactly those described.
    package func apply(_ site: SiteDescription) throws(StoreError) -> SiteChanges { fatalError() }
}

extension StoreQueries where Self: ~Copyable {
    /// Users, groups, servers, accounts, grants and scanners as they stand in this view.
    package func directory() throws(StoreError) -> Directory { fatalError() }

    package func records(_ filter: RecordFilter = RecordFilter()) throws(StoreError) -> [Stored<Record>] {
        fatalError()
    }
    package func record(_ id: RecordID) throws(StoreError) -> Stored<Record>? { fatalError() }
    package func record(kind: String, named name: String) throws(StoreError) -> Stored<Record>? { fatalError() }
    /// Records that have one of the addresses, one of the domains, or one of the numbers of its kind.
    package func records(
        addresses: Set<EmailAddress>, domains: Set<String>, numbers: [(kind: String, number: String)]
    ) throws(StoreError) -> [(record: Stored<Record>, reason: RelationReason)] { fatalError() }
    /// Records that e-mails with these Message-IDs are bound to.
    package func records(boundTo messageIDs: [String]) throws(StoreError) -> [Stored<Record>] { fatalError() }
    package func relations(of email: EmailID) throws(StoreError) -> [Relation] { fatalError() }
    package func emails(boundTo record: RecordID, limit: Int = 1000) throws(StoreError) -> [EmailID] { fatalError() }

    package func email(_ id: EmailID) throws(StoreError) -> Email? { fatalError() }
    package func emails(messageID: String) throws(StoreError) -> [EmailID] { fatalError() }
    package func email(identity: [UInt8]) throws(StoreError) -> EmailID? { fatalError() }
    /// The accounts through which it passed, the first one first.
    package func owners(of email: EmailID) throws(StoreError) -> [AccountID] { fatalError() }

    package func ticket(_ number: TicketNumber) throws(StoreError) -> Ticket? { fatalError() }
    package func tickets(_ filter: TicketFilter = TicketFilter()) throws(StoreError) -> [NumberedTicket] {
        fatalError()
    }
    package func events(of ticket: TicketNumber) throws(StoreError) -> [TicketEvent] { fatalError() }
    /// Oldest first.
    package func emails(of ticket: TicketNumber) throws(StoreError) -> [EmailID] { fatalError() }
    /// The tickets that these Message-IDs belong to, in the order of the Message-IDs, each once.
    package func tickets(referencedBy messageIDs: [String]) throws(StoreError) -> [TicketNumber] { fatalError() }
    /// The requester and everybody whose address stands in one of its e-mails.
    package func participants(of ticket: TicketNumber) throws(StoreError) -> Set<EmailAddress> { fatalError() }
    /// Tickets created for this requester since.
    package func ticketCount(requestedBy requester: EmailAddress, since: Moment) throws(StoreError) -> Int {
        fatalError()
    }
    /// Events of this kind since.
    package func eventCount(of ticket: TicketNumber, kind: String, since: Moment) throws(StoreError) -> Int {
        fatalError()
    }

    package func journalRow(_ id: JournalID) throws(StoreError) -> JournalRow? { fatalError() }
    package func journalRow(account: AccountID, identity: [UInt8]) throws(StoreError) -> JournalRow? { fatalError() }
    package func journal(_ filter: JournalFilter = JournalFilter()) throws(StoreError) -> [JournalRow] { fatalError() }
    /// Which of these UIDs the journal knows in this mailbox; they need not be looked at again.
    package func journaled(
        account: AccountID, mailbox: MailboxName, uidValidity: UIDValidity, uids: NumberSet
    ) throws(StoreError) -> NumberSet { fatalError() }

    package func sentMark(account: AccountID, identity: [UInt8]) throws(StoreError) -> SentMark? { fatalError() }
    /// Marks whose relay was never answered or whose copy was never saved.
    package func openSentMarks() throws(StoreError) -> [SentMark] { fatalError() }

    package func outbox(account: AccountID? = nil, limit: Int = 1000) throws(StoreError) -> [OutboxRow] { fatalError() }
    package func dueOutbox(at moment: Moment, limit: Int) throws(StoreError) -> [OutboxRow] { fatalError() }

    package func tasks() throws(StoreError) -> [ScheduledTask] { fatalError() }
    package func runs(of task: String?, limit: Int = 100) throws(StoreError) -> [(id: RunID, run: TaskRun)] {
        fatalError()
    }

    /// The text stored under this key.
    package func setting(_ key: String) throws(StoreError) -> String? { fatalError() }
    package func contentSize(_ digest: ContentDigest) throws(StoreError) -> Int? { fatalError() }
}

extension StoreTransaction {
    /// Begins the passage of a message. When the account has an entry for this identity already nothing changes, and
    /// the effects must not be made again.
    package func insert(_ entry: JournalEntry) throws(StoreError) -> JournalInsertion { fatalError() }
    /// Replaces outcome, decision, failure, attempts, retry time, e-mail and ticket.
    package func update(_ id: JournalID, _ entry: JournalEntry) throws(StoreError) { fatalError() }
    /// Notes where the message was seen; a place seen before changes nothing.
    package func add(_ place: JournalPlace, to id: JournalID) throws(StoreError) { fatalError() }
    /// The same for a whole listing, for places whose message is not to be scanned.
    package func forgetPlaces(account: AccountID, mailbox: MailboxName) throws(StoreError) { fatalError() }

    /// Records a message, or adds the account to the owners of the record there is.
    package func insert(_ email: Email) throws(StoreError) -> RecordedEmail { fatalError() }
    /// True when the relation is new.
    @discardableResult package func relate(_ relation: Relation) throws(StoreError) -> Bool { fatalError() }
    package func unrelate(email: EmailID, record: RecordID) throws(StoreError) { fatalError() }

    package func insert(_ ticket: Ticket) throws(StoreError) -> TicketNumber { fatalError() }
    package func update(_ number: TicketNumber, _ ticket: Ticket) throws(StoreError) { fatalError() }
    /// Adds an e-mail to a ticket, and its Message-ID to the ticket's references. True when it is new there.
    @discardableResult package func attach(_ email: EmailID, to ticket: TicketNumber) throws(StoreError) -> Bool {
        fatalError()
    }
    package func add(_ event: TicketEvent, to ticket: TicketNumber) throws(StoreError) { fatalError() }
    /// Mail that refers to this Message-ID belongs to the ticket.
    package func addReference(_ messageID: String, to ticket: TicketNumber) throws(StoreError) { fatalError() }

    /// Begins the relay of a message. False when the account has a mark for this identity already.
    package func insert(_ mark: SentMark) throws(StoreError) -> Bool { fatalError() }
    package func update(_ mark: SentMark) throws(StoreError) { fatalError() }

    package func insert(_ entry: OutboxEntry) throws(StoreError) -> OutboxID { fatalError() }
    package func update(_ id: OutboxID, _ entry: OutboxEntry) throws(StoreError) { fatalError() }
    package func removeOutboxEntry(_ id: OutboxID) throws(StoreError) { fatalError() }

    package func put(_ task: ScheduledTask) throws(StoreError) { fatalError() }
    /// Takes the task for a run, unless it is inactive, not due, or another run holds it.
    package func begin(task: String, at moment: Moment, leasedFor seconds: Int) throws(StoreError) -> RunID? {
        fatalError()
    }
    package func finish(_ id: RunID, _ run: TaskRun, nextRun: Moment) throws(StoreError) { fatalError() }

    package func set(_ key: String, to text: String?) throws(StoreError) { fatalError() }
    /// Drops contents nobody refers to that were stored before `moment`. Returns how many.
    @discardableResult package func dropUnusedContents(storedBefore moment: Moment) throws(StoreError) -> Int {
        fatalError()
    }
}
