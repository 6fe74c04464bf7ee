internal import COpenSSL
package import Loop

/// Remembers for a short while which passwords were right, so that a client that signs in for each request doesn't
/// pay for PBKDF2 each time. It holds HMACs under a key of this process alone, of name, verifier and password together:
/// a changed password is forgotten by itself. Wrong ones are never remembered.
package final class VerifiedPasswords: Sendable {
    /// Seconds for which a password is remembered.
    package static let lifetime: Duration = .seconds(120)
    /// Entries at most; when they are reached the older half is dropped.
    package static let limit = 4096

    private let key: Secret
    private let entries = Locked<[[UInt8]: MonotonicTime]>([:])

    package init() throws(VaultError) {
        key = try Secret(count: 32) { RAND_priv_bytes($0.baseAddress, Int32($0.count)) == 1 }
    }

    /// Whether this password was right for this name and verifier within the last `lifetime`.
    package func contains(name: String, password: borrowing Secret, verifier: String, at now: MonotonicTime) -> Bool {
        let mark = mark(name, password, verifier)
        return entries.withLock { entries in
            guard let expiry = entries[mark] else { return false }
            if now < expiry { return true }
            entries[mark] = nil
            return false
        }
    }

    /// Remembers a password that was right.
    package func insert(name: String, password: borrowing Secret, verifier: String, at now: MonotonicTime) {
        let mark = mark(name, password, verifier)
        entries.withLock { entries in
            if entries.count >= Self.limit {
                entries = entries.filter { now < $0.value }
                if entries.count >= Self.limit {
                    let kept = entries.sorted { $0.value > $1.value }.prefix(Self.limit / 2)
                    entries = Dictionary(uniqueKeysWithValues: kept.map { ($0.key, $0.value) })
                }
            }
            entries[mark] = now + Self.lifetime
        }
    }

    // Lengths first, so that no two triples have the same octets.
    private func mark(_ name: String, _ password: borrowing Secret, _ verifier: String) -> [UInt8] {
        let head = Array("\(name.utf8.count) \(verifier.utf8.count) \(name)\(verifier)".utf8)
        let message = password.withUnsafeBytes { Secret(head + $0) }
        return message.withUnsafeBytes { message in key.withUnsafeBytes { HMAC.sha256(key: $0, message) } }
    }
}
