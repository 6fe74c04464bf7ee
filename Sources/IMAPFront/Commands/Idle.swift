internal import Bytes
internal import Engine
internal import IMAPSyntax
internal import Loop
internal import Mirror
internal import TLS

/// IDLE (RFC 9051 §6.3.13).
extension IMAPSession {
    func beginIdle(_ tag: [UInt8]) async throws(Fault) {
        activity = .idling(tag: tag)
        if let selection, unaskedPolicy != nil { await selection.mailbox.watch(connection.signal) }
        connection.output.append { (output) in output.appendContinuation("idling") }
        // What changed between the last command and the watch.
        try await report(unaskedPolicy)
        isToRest = true
    }

    /// Tells what has changed, when the client waits for it or wants to be told at any time.
    func pushUpdates() async throws(ConnectionError) {
        guard isListening else {
            notifications?.isBehind = true
            return
        }
        notifications?.isBehind = false
        do throws(Fault) {
            try await report(unaskedPolicy, isUnasked: true)
            try await tellNotices()
        } catch {
            switch error {
            case .connection(let error): throw error
            case .inconsistent:
                log.notice("session ended since its mailbox is gone or another")
                sayBye(Self.inconsistency, nil)
            case .reply(let reply):
                log.warning("updates can't be told", ["reason": reply.text])
            }
        }
    }

    func endIdle(_ event: CommandFramer.LineEvent, _ tag: [UInt8]) async throws(ConnectionError) {
        guard case .line(let line) = event else { return sayBye("The line is too long", .limit) }
        try await pushUpdates()
        activity = .commands
        if let selection, notifications?.selected == nil { await selection.mailbox.unwatch() }
        guard !isEnding else { return }
        if line.equalsIgnoringASCIICase("DONE".utf8) {
            finish(tag, .ok("Done idling"))
        } else {
            finish(tag, .bad("Expected DONE"))
        }
    }
}
