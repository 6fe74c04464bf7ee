internal import Bytes
internal import Glibc

/// Conversion to UTF-8 by glibc's iconv: the one place of this target that hands memory to C.
///
/// The input is read within its bounds and the output written within its own; iconv moves the pointers, and each turn
/// either takes input or gives up, so the loop ends.
enum CharsetConverter {
    /// UTF-8 of U+FFFD, for what cannot be converted.
    private static let replacement: [UInt8] = [0xEF, 0xBF, 0xBD]
    private static let bufferLength = 16_384

    /// The octets as UTF-8, or nil when this system has no converter of that name.
    static func utf8(from bytes: [UInt8], charset: String) -> [UInt8]? {
        // UTF-16 without a mark is big-endian (RFC 2781 §4.3); glibc would take this machine's order.
        var charset = charset
        if charset == "UTF-16", ![[0xFF, 0xFE], [0xFE, 0xFF]].contains(Array(bytes.prefix(2))) {
            charset = "UTF-16BE"
        }
        guard let converter = unsafe iconv_open("UTF-8", charset), Int(bitPattern: converter) != -1 else {
            return nil
        }
        defer { _ = unsafe iconv_close(converter) }

        var input = bytes
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count + bytes.count / 2)
        unsafe input.withUnsafeMutableBytes { source in
            unsafe withUnsafeTemporaryAllocation(byteCount: bufferLength, alignment: 1) { buffer in
                unsafe convert(converter, source, buffer, into: &output)
            }
        }
        return output
    }

    private static func convert(
        _ converter: iconv_t, _ source: UnsafeMutableRawBufferPointer, _ buffer: UnsafeMutableRawBufferPointer,
        into output: inout [UInt8]
    ) {
        var next = unsafe source.baseAddress?.assumingMemoryBound(to: CChar.self)
        var left = source.count
        while left > 0 {
            let before = left
            var target = unsafe buffer.baseAddress?.assumingMemoryBound(to: CChar.self)
            var free = buffer.count
            let result = unsafe iconv(converter, &next, &left, &target, &free)
            let failure = errno
            let written = buffer.count - free
            unsafe output.append(contentsOf: buffer[..<written])
            // iconv returns -1 for a failure; anything else means that all input is taken.
            guard result == -1 else { break }
            if failure == E2BIG, written > 0 || left < before { continue }
            output.append(contentsOf: replacement)
            // A wrong octet (EILSEQ) is given up and reading goes on behind it; an incomplete character (EINVAL)
            // is the end.
            guard failure == EILSEQ else { break }
            unsafe next = next?.advanced(by: 1)
            left -= 1
        }
        // Some converters hold a character back to see whether a combining one follows.
        var target = unsafe buffer.baseAddress?.assumingMemoryBound(to: CChar.self)
        var free = buffer.count
        if unsafe iconv(converter, nil, nil, &target, &free) != -1 {
            unsafe output.append(contentsOf: buffer[..<(buffer.count - free)])
        }
    }
}
