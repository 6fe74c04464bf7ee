internal import Bytes

/// What makes a message the same message wherever it is seen: the digest of these octets.
package enum MessageIdentity {
    /// The octets to digest for a message that has a Message-ID: Message-ID, Date, From and Subject, each the field's
    /// raw value or empty when it is missing. Folding and the amount of white space don't count, since servers and
    /// clients change them on the way; nor does a ticket's token that we have put into the subject.
    package static func canonicalBytes(
        messageID: [UInt8], date: [UInt8], from: [UInt8], subject: [UInt8]
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(text: "message\n")
        for field in [messageID, date, from, SubjectTag.removing(from: subject)] {
            let value = condensed(field)
            bytes.append(decimal: value.count)
            bytes.append(0x3A)
            bytes.append(contentsOf: value)
        }
        return bytes
    }

    /// The octets to digest for a message without a Message-ID: the digest of its whole content.
    package static func canonicalBytes(contentDigest: [UInt8]) -> [UInt8] {
        Array("content\n".utf8) + contentDigest
    }

    private static func condensed(_ field: [UInt8]) -> [UInt8] {
        var value: [UInt8] = []
        for byte in field {
            let isSpace = ASCII.isBlank(byte) || byte == ASCII.cr || byte == ASCII.lf
            if !isSpace {
                value.append(byte)
            } else if value.last != ASCII.space {
                value.append(ASCII.space)
            }
        }
        return Array(value.trimmingBlanks)
    }
}
