package import SASL

/// Why the vault refused. Never holds a secret or a key.
package enum VaultError: Error, Equatable, Sendable {
    /// The key file can't be read or made; the system's reason.
    case keyFile(path: String, reason: String)
    /// Others than its owner can read the key file (its permissions, octal in `mode`).
    case keyFileExposed(path: String, mode: UInt32)
    /// The file's content is no master key.
    case keyFileMalformed(path: String)
    /// Sealed under another master key.
    case otherKey
    /// Changed, cut, or sealed under another context.
    case damaged
    /// The cryptographic library failed: out of memory, no randomness.
    case library(String)
    /// The upstream's mechanisms and the sealed secret don't fit; the reason is `SASLError`'s.
    case exchange(SASLError)
}
