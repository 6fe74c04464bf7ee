internal import Foundation

/// Messages by chance, by size, and from a folder.
extension OddMessages {
    /// Messages put together by chance out of what matters in them, the same ones for the same seed.
    package static func random(_ count: Int, seed: UInt64) -> [OddMessage] {
        var chance = Chance(seed)
        let pieces: [[UInt8]] =
            [
                "\n", "\n", "\n", "\n.", ".", "..", " ", "\t", ":", "a", "Bcc:", "bcc :", "Date: x\n", "\n\n",
                "Message-ID:",
                "<i@d>", "--b", "\n--b\n", "Content-Type: multipart/mixed; boundary=b\n", "=\n", "X-Y: z\n", "\n .\n",
            ].map(\.crlf) + [[0x80], [0xFF], [0xC3], [1], [127]]
        return (0..<count).map { number in
            var octets: [UInt8] = []
            for _ in 0..<chance.next(120) { octets += pieces[chance.next(pieces.count)] }
            if chance.next(2) == 0 { octets = Array("From: \(author)\nX: y\n".crlf) + octets }
            return OddMessage("random \(seed).\(number)", octets + (octets.isEmpty ? [] : [13, 10]))
        }
    }

    /// Lines and dots such that line ends lie everywhere across the pieces in which a message is stored and sent on.
    package static func shifting(seed: UInt64, size: Int = 300_000) -> OddMessage {
        var chance = Chance(seed)
        var body: [UInt8] = []
        while body.count < size {
            body += [UInt8](repeating: chance.next(3) == 0 ? 0x61 : 0x2E, count: chance.next(9)) + [13, 10]
        }
        return letter("shifting \(seed)", body)
    }

    /// A message of about `size` octets.
    package static func large(_ size: Int) -> OddMessage {
        var chance = Chance(UInt64(size))
        let lines = (0..<64).map { _ in
            (0..<(60 + chance.next(17))).map { _ in UInt8(32 + chance.next(94)) } + [13, 10]
        }
        var body: [UInt8] = []
        body.reserveCapacity(size + 100)
        while body.count < size { body += lines[chance.next(lines.count)] }
        return letter("large: \(size)", body)
    }

    /// A short one with dots and empty lines close to its end.
    package static var dotted: OddMessage {
        OddMessage("dotted", Array("From: \(author)\n\n.\n..\n\n.\n.\n\n".crlf))
    }

    /// The files of a folder, those below it included, as a mail program would submit them: with line ends that are
    /// CRLF alone, and without their author, who is another one than ours.
    package static func files(below folder: String) throws -> [OddMessage] {
        guard let paths = FileManager.default.enumerator(atPath: folder) else {
            throw RigFailure("no folder: \(folder)")
        }
        return try paths.compactMap { $0 as? String }.sorted().compactMap { path in
            let url = URL(fileURLWithPath: "\(folder)/\(path)")
            guard try url.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true else { return nil }
            let octets = Fidelity.without(["from", "sender"], lines([UInt8](try Data(contentsOf: url))))
            return OddMessage(path, octets, octets.contains(0) ? .refused("554 5.6.0") : .arrives)
        }
    }

    private static func lines(_ text: [UInt8]) -> [UInt8] {
        var lines: [UInt8] = []
        for (index, octet) in text.enumerated() {
            switch octet {
            case 13: lines += [13, 10]
            case 10: if index == 0 || text[index - 1] != 13 { lines += [13, 10] }
            default: lines.append(octet)
            }
        }
        return lines.isEmpty || lines.last == 10 ? lines : lines + [13, 10]
    }

    /// Numbers that look like chance, the same ones for the same seed (SplitMix64).
    private struct Chance {
        private var state: UInt64

        init(_ seed: UInt64) { state = seed }

        /// A number from 0 to below `limit`.
        mutating func next(_ limit: Int) -> Int {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return Int((mixed ^ (mixed >> 31)) % UInt64(limit))
        }
    }
}
