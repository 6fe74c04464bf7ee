internal import Bytes
package import MailTypes
package import YAML

/// Units of time in settings, and how many seconds each has.
private let timeUnits: [(suffix: String, milliseconds: Int64)] = [
    ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
]

/// Units of size in settings.
private let sizeUnits: [(suffix: String, bytes: Int64)] = [
    ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1 << 40),
    ("KB", 1000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("TB", 1_000_000_000_000), ("B", 1),
]

extension ScalarKind<Duration> {
    /// A span of time such as `30s`, `5m`, `12h` or `7d`.
    package static func duration(in range: ClosedRange<Duration>) -> Self {
        let expectation =
            "a time from \(SettingText.duration(range.lowerBound)) to \(SettingText.duration(range.upperBound)), "
            + "such as 30s, 5m, 12h or 7d"
        return ScalarKind(expectation) { scalar throws(ScalarRefusal) in
            guard let milliseconds = SettingText.number(scalar.text, units: timeUnits.map { ($0.suffix, $0.1) }) else {
                throw ScalarRefusal("`\(scalar.text)` is not a time", remedy: "Write \(expectation).")
            }
            let duration = Duration.milliseconds(milliseconds)
            guard range.contains(duration) else {
                throw ScalarRefusal("\(scalar.text) is out of range", remedy: "Write \(expectation).")
            }
            return duration
        }
    }
}

extension ScalarKind<Int> {
    /// A size in bytes such as `50MiB`; without a unit, bytes.
    package static func byteSize(in range: ClosedRange<Int>) -> Self {
        let expectation =
            "a size from \(SettingText.size(range.lowerBound)) to \(SettingText.size(range.upperBound)), "
            + "such as 512KiB or 50MiB"
        return ScalarKind(expectation) { scalar throws(ScalarRefusal) in
            let plain = scalar.text.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 } ? Int64(scalar.text) : nil
            guard let bytes = plain ?? SettingText.number(scalar.text, units: sizeUnits.map { ($0.suffix, $0.bytes) })
            else { throw ScalarRefusal("`\(scalar.text)` is not a size", remedy: "Write \(expectation).") }
            guard range.contains(Int(bytes)) else {
                throw ScalarRefusal("\(scalar.text) is out of range", remedy: "Write \(expectation).")
            }
            return Int(bytes)
        }
    }
}

extension ScalarKind<EmailAddress> {
    /// A bare e-mail address.
    package static var address: ScalarKind<EmailAddress> {
        ScalarKind<String>.text("an e-mail address such as support@example.com", limit: 320)
            .map { text throws(ScalarRefusal) in
                guard let address = EmailAddress(text), !text.contains(where: \.isWhitespace),
                    !text.contains("<"), !text.contains(">"), !text.contains(","), HostName.isValid(address.domain)
                else {
                    throw ScalarRefusal(
                        "`\(text)` is not an e-mail address",
                        remedy: "Write it bare, such as support@example.com, without a name.")
                }
                return address
            }
    }
}

extension ScalarKind<MailboxName> {
    /// A mailbox by its name, levels separated by `/`.
    package static var mailbox: ScalarKind<MailboxName> {
        ScalarKind<String>.text("a mailbox such as INBOX or Archive/2026", limit: 1000)
            .map { text throws(ScalarRefusal) in
                let name = MailboxName(text)
                guard name.levels.allSatisfy({ !$0.isEmpty }) else {
                    throw ScalarRefusal(
                        "`\(text)` is not a mailbox", remedy: "Separate the levels with single slashes: Archive/2026.")
                }
                return name
            }
    }
}

extension ScalarKind<String> {
    /// The name of an object: what people type and what stands in a mailbox name.
    package static func objectName(_ what: String) -> Self {
        ScalarKind.text("the name of \(what)", limit: ObjectName.limit).map { text throws(ScalarRefusal) in
            if let fault = ObjectName.fault(in: text) {
                throw ScalarRefusal("`\(text)` \(fault)", remedy: ObjectName.advice)
            }
            return text
        }
    }

    /// A host name or a numeric address.
    package static var host: Self {
        ScalarKind.text("a host name such as mail.example.com", limit: 253).map { text throws(ScalarRefusal) in
            guard HostName.isValid(text) || HostName.isNumeric(text) else {
                throw ScalarRefusal(
                    "`\(text)` is not a host name", remedy: "Write the name alone, without a port or a protocol.")
            }
            return text
        }
    }

    /// A URI by which somebody is reached: a scheme (RFC 3986 §3.1) and printable ASCII.
    package static var contact: Self {
        ScalarKind.text("a URI such as mailto:postmaster@example.com", limit: 1000).map { text throws(ScalarRefusal) in
            let scheme = text.utf8.prefix { $0 != UInt8(ascii: ":") }
            guard let first = scheme.first, ASCII.isLetter(first), scheme.count + 1 < text.utf8.count,
                scheme.allSatisfy({ ASCII.isLetter($0) || ASCII.isDigit($0) || "+-.".utf8.contains($0) }),
                text.utf8.allSatisfy({ $0 > ASCII.space && $0 < ASCII.delete })
            else {
                throw ScalarRefusal(
                    "`\(text)` is not a URI", remedy: "Write mailto: before an e-mail address, tel: before a number.")
            }
            return text
        }
    }

    /// The path of a file, relative to the directory of the file that names it.
    package static func path(from directory: String) -> Self {
        ScalarKind.text("the path of a file", limit: 4096).map { text in LocalPath.resolve(text, from: directory) }
    }
}

extension ScalarKind<Moment> {
    /// A day such as `2027-01-31`: its beginning in UTC.
    package static var day: ScalarKind<Moment> {
        ScalarKind<String>.text("a day such as 2027-01-31", limit: 40).map { text throws(ScalarRefusal) in
            guard let moment = SettingText.day(text) else {
                throw ScalarRefusal("`\(text)` is not a day", remedy: "Write year, month and day: 2027-01-31.")
            }
            return moment
        }
    }
}
