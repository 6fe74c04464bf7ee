import Glibc

/// Standard output, at once.
enum Output {
    /// Ends the program.
    static func end(status: Int32) -> Never { exit(status) }

    /// Writes a line.
    static func write(_ text: String) {
        var octets = Array("\(text)\n".utf8)[...]
        while !octets.isEmpty {
            let count = octets.withUnsafeBytes { Glibc.write(1, $0.baseAddress, $0.count) }
            guard count > 0 else { return }
            octets = octets.dropFirst(count)
        }
    }
}
