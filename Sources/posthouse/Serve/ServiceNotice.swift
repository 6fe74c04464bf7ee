internal import Glibc
internal import Loop

/// What systemd hears from a service (sd_notify(3)), by a datagram to `$NOTIFY_SOCKET`; nothing without one.
struct ServiceNotice: Sendable {
    private let address: String?

    init(socket: String? = Environment["NOTIFY_SOCKET"]) { address = socket }

    func ready() { send("READY=1\nSTATUS=serving\n") }
    func stopping() { send("STOPPING=1\nSTATUS=draining\n") }

    /// Followed by `ready()` when it is done.
    func reloading() { send("RELOADING=1\nMONOTONIC_USEC=\(MonotonicTime.now.nanoseconds / 1000)\n") }

    private func send(_ text: String) {
        guard let address, let place = Self.place(address) else { return }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var (storage, length) = place
        let octets = Array(text.utf8)
        _ = withUnsafePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(descriptor, octets, octets.count, Int32(MSG_NOSIGNAL), $0, length)
            }
        }
    }

    /// A path, or with `@` in front a name in the abstract namespace (unix(7)).
    private static func place(_ address: String) -> (sockaddr_un, socklen_t)? {
        var octets = Array(address.utf8)
        var storage = sockaddr_un()
        guard octets.count > 1, octets.count < MemoryLayout.size(ofValue: storage.sun_path) else { return nil }
        if octets[0] == UInt8(ascii: "@") { octets[0] = 0 }
        storage.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &storage.sun_path) { $0.copyBytes(from: octets) }
        return (storage, socklen_t(MemoryLayout<sa_family_t>.size + octets.count))
    }
}
