internal import Loop
package import MailTypes
internal import Rules
package import Store

/// What is known of mailboxes' messages without reading them, and what the scanner keeps from one run to the next.
extension PassageScanner {
    /// Quarantined messages that are looked up at once.
    static let dueLimit = 10_000

    /// Those of the messages that are to be scanned now: within the scanner's scope, and either not known to the journal
    /// at these places or quarantined there with their wait over. The others need not be fetched.
    package func unscanned(
        _ messages: [(uid: UID, internalDate: Moment?)], in mailbox: MailboxName, uidValidity: UIDValidity,
        of account: AccountID
    ) async -> [UID] {
        let now = moment
        guard let context = context(of: account) else { return [] }
        let candidates = messages.filter {
            context.isInScope(arrival: $0.internalDate?.seconds ?? now.seconds, now: now.seconds)
        }.map(\.uid)
        guard !candidates.isEmpty else { return [] }
        let asked = NumberSet(candidates)
        do {
            let (known, due) = try await store.read { reader throws(StoreError) in
                let known = try reader.journaled(
                    account: account, mailbox: mailbox, uidValidity: uidValidity, uids: asked)
                guard !known.isEmpty else { return (known, Set<UID>()) }
                let rows = try reader.journal(JournalFilter(account: account, dueAt: now, limit: Self.dueLimit))
                let places = rows.flatMap(\.places).filter {
                    $0.mailbox == mailbox && $0.uidValidity == uidValidity
                }
                return (known, Set(places.map(\.uid)))
            }
            return candidates.filter { !known.contains($0) || due.contains($0) }
        } catch {
            log.error("the journal can't be read", ["account": context.accountName, "reason": "\(error)"])
            return candidates
        }
    }

    /// Takes over a new directory: each scanner's start mark is read, or set to now for a scanner that is new.
    package func follow(_ directory: Directory) async {
        let scanners = directory.scanners.map(\.id)
        let known = contexts.withLock { $0.startMarks }
        guard scanners.contains(where: { known[$0] == nil }) else { return }
        let now = moment.seconds
        do {
            let marks = try await store.transaction { transaction throws(StoreError) in
                var marks: [ScannerID: Int64] = [:]
                for scanner in scanners {
                    let key = "scanner/\(scanner)/start"
                    if let mark = try transaction.setting(key).flatMap({ Int64($0) }) {
                        marks[scanner] = mark
                    } else {
                        try transaction.set(key, to: String(now))
                        marks[scanner] = now
                    }
                }
                return marks
            }
            contexts.withLock { $0.startMarks = marks }
        } catch {
            log.error("scanners' start marks can't be kept", ["reason": "\(error)"])
        }
    }

    /// After a start: what was on its way to an upstream when the process ended has an unknown outcome. It is shown as
    /// such, and dealt with when the message is next seen.
    package func recover() async {
        let now = moment
        do {
            let count = try await store.transaction { transaction throws(StoreError) in
                var count = 0
                for var mark in try transaction.openSentMarks() where mark.relay == .sending {
                    mark.relay = .unknown
                    try transaction.update(mark)
                    count += 1
                    guard var row = try transaction.journalRow(account: mark.account, identity: mark.identity),
                        row.entry.outcome == .pending
                    else { continue }
                    row.entry.outcome = .unknown
                    row.entry.failure = "the process ended before the upstream's answer was noted"
                    row.entry.updated = now
                    try transaction.update(row.id, row.entry)
                }
                return count
            }
            if count > 0 { log.warning("messages were sent with an unknown outcome", ["messages": count]) }
        } catch {
            log.error("open submissions can't be looked up", ["reason": "\(error)"])
        }
    }
}
