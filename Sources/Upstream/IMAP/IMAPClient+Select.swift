internal import Bytes
internal import IMAPSyntax
package import MailTypes

/// Which mailbox is selected.
extension IMAPClient {
    /// SELECT (with CONDSTORE where offered, RFC 7162 §3.1.8), or EXAMINE. When it fails no mailbox is selected.
    package func select(_ name: MailboxName, isReadOnly: Bool = false) async throws(UpstreamError) -> SelectedState {
        var reading = Selecting()
        numbers.reset()
        forgetEvents()
        let command = SelectCommand(
            mailbox: names.upstream(name), isReadOnly: isReadOnly, condStore: hasCondStore)
        let text = try await run(.select(command)) { (response) in self.take(response, &reading) }
        var state = reading.state
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
