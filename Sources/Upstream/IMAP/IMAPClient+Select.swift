internal import Bytes
internal import IMAPSyntax
package import MailTypes

/// Which mailbox is selected.
extension IMAPClient {
    /// SELECT (with CONDSTORE where offered, RFC 7162 §3.1.8), or EXAMINE. When it fails no mailbox is selected.
    /// - Parameter memory: what was known of the mailbox before: a server with QRESYNC tells what has happened since
    ///   (RFC 7162 §3.2.5).
    package func select(
        _ name: MailboxName, isReadOnly: Bool = false, since memory: MailboxMemory? = nil
    ) async throws(UpstreamError) -> SelectedState {
        var reading = Selecting()
        numbers.reset()
        forgetEvents()
        let known = usesQuickResync ? memory : nil
        let command = SelectCommand(
            mailbox: names.upstream(name), isReadOnly: isReadOnly, condStore: known == nil && hasCondStore,
            quickResync: known.map { .init(uidValidity: $0.uidValidity, modSeq: $0.modSeq) })
        let text: ResponseText
        do throws(UpstreamError) {
            text = try await run(.select(command)) { (response) in self.take(response, &reading) }
        } catch {
            // It offers what it does not know.
            guard known != nil, case .refused("BAD", _) = error else { throw error }
            usesQuickResync = false
            return try await select(name, isReadOnly: isReadOnly)
        }
        var state = reading.state
        if let known, known.uidValidity == state.uidValidity, state.highestModSeq != nil {
            state.missed = reading.missed
        }
        guard reading.hasValidity else {
            throw .refused(code: nil, text: "\(peerName) keeps no lasting UIDs in \(name): it has no UIDVALIDITY")
        }
        // RFC 9051 §7.1: without PERMANENTFLAGS all flags can be changed for good.
        if !reading.hasPermanentFlags { state.permanentFlags = state.flags }
        state.isReadOnly = text.code == .readOnly || isReadOnly
        if ServerQuirks.lacksNextUID(state) { state.uidNext = try await nextUID() }
        return state
    }

    /// Leaves the mailbox without expunging anything: CLOSE would (RFC 9051 §6.4.1).
    package func unselect() async throws(UpstreamError) {
        numbers.reset()
        forgetEvents()
        if capabilities.contains("UNSELECT") || capabilities.contains("IMAP4REV2") {
            try await run(.unselect)
        } else {
            // RFC 3691 §1: a SELECT that fails leaves none selected. No server has a mailbox of this name.
            do {
                try await run(.select(SelectCommand(mailbox: MailboxName("\u{1F4EE}unselect"), isReadOnly: true)))
            } catch {
                guard case .refused = error else { throw error }
            }
        }
        numbers.reset()
        forgetEvents()
    }

    private struct Selecting {
        var state = SelectedState(
            exists: 0, uidValidity: UIDValidity(rawValue: 0), uidNext: 0, highestModSeq: nil, flags: [],
            permanentFlags: [], isReadOnly: false)
        var missed = SelectedState.Missed()
        var hasValidity = false
        var hasPermanentFlags = false
    }

    private func take(_ response: UntaggedResponse, _ reading: inout Selecting) -> Bool {
        switch response {
        case .exists(let count):
            reading.state.exists = Int(count)
            _ = grow(to: count)
        case .flags(let flags): reading.state.flags = flags
        case .recent: break
        case .vanished(let uids, earlier: true):
            reading.missed.vanished = NumberSet(ranges: reading.missed.vanished.ranges + uids.ranges)
        case .fetch(let message):
            guard let uid = message.uid, let flags = message.flags else { return false }
            reading.missed.changed.append(FetchedFlags(uid: uid, flags: flags, modSeq: message.modSeq))
        case .condition(.ok, let text):
            switch text.code {
            case .uidValidity(let validity):
                reading.state.uidValidity = validity
                reading.hasValidity = true
            case .uidNext(let next): reading.state.uidNext = next
            case .highestModSeq(let modSeq):
                // Some servers say it also where they do not offer CONDSTORE.
                if hasCondStore { reading.state.highestModSeq = modSeq }
            case .mailboxID(let id): if hasObjectIDs { reading.state.objectID = id }
            case .permanentFlags(let flags):
                reading.state.permanentFlags = flags
                reading.hasPermanentFlags = true
            case .closed:
                // RFC 7162 §3.2.11: all before it was about the mailbox that was selected until now.
                numbers.reset()
                forgetEvents()
                reading = Selecting()
            default: return false
            }
        default: return false
        }
        return true
    }

    /// QRESYNC implies CONDSTORE (RFC 7162 §3.2.3).
    var hasCondStore: Bool { capabilities.contains("CONDSTORE") || capabilities.contains("QRESYNC") }

    /// One more than the last message's UID.
    private func nextUID() async throws(UpstreamError) -> UInt32 {
        let last = try await fetchFlags(SequenceSet([.init(.last, .last)]))
        return last.map(\.uid.rawValue).max().map { $0 &+ 1 } ?? 0
    }
}
