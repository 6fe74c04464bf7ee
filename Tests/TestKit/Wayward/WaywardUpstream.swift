internal import Foundation
internal import Glibc

/// An IMAP4rev1 server without any extension that lets everybody in (PREAUTH) and misbehaves in one named way when it is
/// told to.
package final class WaywardUpstream: @unchecked Sendable {
    /// What it does wrong.
    package let manner: Manner
    /// Where it listens.
    package let port: UInt16

    /// The names of its mailboxes.
    package static let mailboxes = ["INBOX", "Work"]

    private let lock = NSLock()
    private var listener: Int32 = -1
    private var connections: Set<Int32> = []
    private var boxes: [String: WaywardMailbox]
    private var misbehaves = false
    private var selects = 0

    /// Listens on a free port. It behaves well until it is told otherwise.
    package init(_ manner: Manner) throws {
        self.manner = manner
        port = try Port.free()
        boxes = Dictionary(uniqueKeysWithValues: Self.mailboxes.map { ($0, WaywardMailbox()) })
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        closeOnExec(descriptor)
        var one: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
        guard Port.withAddress(port, { bind(descriptor, $0, $1) == 0 }), listen(descriptor, 64) == 0 else {
            throw RigFailure("cannot listen on \(port): \(String(cString: strerror(errno)))")
        }
        listener = descriptor
        Thread.detachNewThread { [weak self] in
            while true {
                let client = accept(descriptor, nil, nil)
                guard client >= 0 else { return }
                closeOnExec(client)
                guard let self else {
                    Glibc.close(client)
                    return
                }
                self.serve(client)
            }
        }
    }

    deinit { close() }

    /// From now on it misbehaves.
    package func start() { lock.withLock { misbehaves = true } }
    /// From now on it behaves well.
    package func mend() { lock.withLock { misbehaves = false } }
    /// What it does wrong now.
    var currentManner: Manner { lock.withLock { misbehaves ? manner : .none } }

    /// Ends the connections that stand; new ones are accepted.
    package func cut() {
        for descriptor in lock.withLock({ connections }) { shutdown(descriptor, Int32(SHUT_RDWR)) }
    }

    /// Ends everything.
    package func close() {
        let descriptor = lock.withLock {
            defer { listener = -1 }
            return listener
        }
        if descriptor >= 0 {
            shutdown(descriptor, Int32(SHUT_RDWR))
            Glibc.close(descriptor)
        }
        cut()
    }

    /// A mailbox as it is.
    package func mailbox(_ name: String) -> WaywardMailbox { lock.withLock { boxes[name] ?? WaywardMailbox() } }

    /// A letter arrives; its Message-ID is that of `Letters.plain`.
    package func arrive(_ subject: String, number: Int, in name: String, body: String = "It does not work.\n") {
        change(name) { $0.add(subject, number: number, body: body) }
    }

    /// A client elsewhere changes flags.
    package func set(_ flags: Set<String>, of uid: UInt32, in name: String) {
        change(name) { mailbox in
            for index in mailbox.messages.indices where mailbox.messages[index].uid == uid {
                mailbox.messages[index].flags = flags
            }
        }
    }

    func change<Value>(_ name: String, _ body: (inout WaywardMailbox) -> Value) -> Value {
        lock.withLock { body(&boxes[name, default: WaywardMailbox()]) }
    }

    /// True for every other SELECT.
    func isOddSelect() -> Bool {
        lock.withLock {
            selects += 1
            return selects % 2 == 1
        }
    }

    private func serve(_ client: Int32) {
        var one: Int32 = 1
        setsockopt(client, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
        lock.withLock { _ = connections.insert(client) }
        Thread.detachNewThread { [self] in
            WaywardSession(client, of: self).run()
            lock.withLock { _ = connections.remove(client) }
            Glibc.close(client)
        }
    }
}
