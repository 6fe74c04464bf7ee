internal import Bytes
internal import Loop
internal import MIME
internal import MailTypes

/// The Received field of a message that a client sent (RFC 5321 §4.4).
struct Trace {
    /// Received fields of a message that has been going round in circles (RFC 5321 §6.3 asks for at least 100).
    static let hopLimit = 100

    private let origin: SubmissionOrigin
    private let hostName: String
    private let detail: Engine.Configuration.SubmissionTrace
    private let moment: Moment

    init(_ origin: SubmissionOrigin, by configuration: Engine.Configuration, at clock: WallClock) {
        self.origin = origin
        hostName = configuration.hostName
        detail = configuration.submissionTrace
        let seconds = clock.now.seconds
        moment = Moment(seconds: seconds, zone: WallClock.zone(at: seconds))
    }

    /// Nil when none is wanted.
    var field: HeaderWriter? {
        guard detail != .none else { return nil }
        var field = HeaderWriter()
        let from = detail == .full ? "from \(clientName) ([\(peer)]) " : ""
        field.append(
            "Received", raw: "\(from)by \(hostName) (Posthouse) with \(protocolName); \(MessageDate.text(moment))")
        return field
    }

    /// RFC 3848, RFC 6531 §4.3.
    private var protocolName: String {
        "\(origin.usesSMTPUTF8 ? "UTF8SMTP" : "ESMTP")\(origin.isEncrypted ? "S" : "")A"
    }

    /// The name as far as it can stand in the field.
    private var clientName: String {
        let plain = origin.clientName.utf8.filter {
            ASCII.isLetter($0) || ASCII.isDigit($0) || [0x2D, 0x2E, 0x5F, 0x5B, 0x5D, 0x3A].contains($0)
        }
        return plain.isEmpty ? "unknown" : String(lossy: plain.prefix(255))
    }

    private var peer: String {
        origin.peer.hostText.contains(":") ? "IPv6:\(origin.peer.hostText)" : origin.peer.hostText
    }
}
