internal import COpenSSL

/// A password or key on its way: never copied, wiped at its end, never printed.
package struct Secret: ~Copyable, @unchecked Sendable {
    private let storage: UnsafeMutableBufferPointer<UInt8>

    package init(_ octets: some Collection<UInt8>) {
        let whole = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: max(1, octets.count))
        _ = whole.initialize(from: octets)
        storage = UnsafeMutableBufferPointer(rebasing: whole.prefix(octets.count))
    }

    /// The UTF-8 of `text`, whose own memory can't be wiped: for prompts and files alone.
    package init(text: String) { self.init(text.utf8) }

    /// Makes a secret of `count` octets by filling them in place.
    init(count: Int, filledBy fill: (UnsafeMutableBufferPointer<UInt8>) -> Bool) throws(VaultError) {
        let whole = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: max(1, count))
        whole.initialize(repeating: 0)
        storage = UnsafeMutableBufferPointer(rebasing: whole.prefix(count))
        // Complete by now: throwing runs `deinit`.
        guard fill(storage) else { throw .library("fill") }
    }

    deinit {
        OPENSSL_cleanse(storage.baseAddress, storage.count)
        storage.deallocate()
    }

    package var count: Int { storage.count }
    package var isEmpty: Bool { storage.isEmpty }

    /// Lends the octets; they must not be kept.
    package func withUnsafeBytes<Result: ~Copyable, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(UnsafeRawBufferPointer(storage))
    }

    /// `<redacted>`, whatever it holds.
    package var description: String { "<redacted>" }
}
