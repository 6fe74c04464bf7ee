internal import Glibc

/// Where a command writes to, and asks.
enum Terminal {
    /// To standard output. What can't be written because the reader has gone is left.
    static func print(_ text: String) { write(text, to: 1) }

    /// A line to standard error.
    static func complain(_ text: String) { write(text + "\n", to: 2) }

    private static func write(_ text: String, to descriptor: Int32) {
        let bytes = Array(text.utf8)
        var start = 0
        while start < bytes.count {
            let count = bytes[start...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                return
            }
            start += count
        }
    }
}
