internal import Bytes
internal import IMAPSyntax
internal import Loop
internal import MIME
internal import MailTypes
internal import Mirror
internal import Store
internal import Upstream

/// One message as a search looks at it: what the mirror knows, and what was fetched for the criterion.
struct SearchSubject {
    let uid: UID
    let flags: Set<Flag>
    let modSeq: ModSeq
    var internalDate: Moment?
    var size: UInt64?
    var header: MessageHeader?
    /// Header and decoded text, folded for comparison; nil when the message is not at hand.
    var text: FoldedText?
    /// Texts of BODY and TEXT that are known not to be in the message.
    var absent: Set<[UInt8]> = []
    /// Seconds since 1970, for OLDER and YOUNGER.
    var now: Int64

    /// Takes over what is remembered of the message.
    mutating func take(_ message: MessageMetadata) {
        internalDate = message.internalDate
        size = message.size.map(UInt64.init)
        header = message.header.map { MessageHeader($0) }
    }

    /// Takes over what was fetched of the message.
    mutating func take(_ message: MessageData) {
        internalDate = message.internalDate
        size = message.size
        header = message.header.map { MessageHeader($0) }
    }

    /// Decides one criterion that is no combination, as far as what is at hand allows (RFC 9051 §6.4.4).
    func decide(_ key: SearchKey) -> Bool? {
        switch key {
        case .all: true
        case .flag(let flag): flags.contains(flag)
        case .notFlag(let flag): !flags.contains(flag)
        // \Recent is claimed for nobody.
        case .recent: false
        case .modSeq(let least): modSeq >= least
        case .among(let set): set.contains(uid)
        case .numbers, .uids, .saved: nil
        case .before(let day): internalDate.map { CalendarDate($0) < day }
        case .on(let day): internalDate.map { CalendarDate($0) == day }
        case .since(let day): internalDate.map { CalendarDate($0) >= day }
        case .older(let seconds): internalDate.map { now - $0.seconds >= Int64(seconds) }
        case .younger(let seconds): internalDate.map { now - $0.seconds <= Int64(seconds) }
        case .larger(let limit): size.map { $0 > limit }
        case .smaller(let limit): size.map { $0 < limit }
        case .from(let text): field("From", contains: text)
        case .to(let text): field("To", contains: text)
        case .cc(let text): field("Cc", contains: text)
        case .bcc(let text): field("Bcc", contains: text)
        case .subject(let text): field("Subject", contains: text)
        case .header(let name, let value): field(String(lossy: name), contains: value)
        case .sentBefore(let day): sentDay.map { $0 < day }
        case .sentOn(let day): sentDay.map { $0 == day }
        case .sentSince(let day): sentDay.map { $0 >= day }
        case .body(let part): absent.contains(part) ? false : text?.bodyContains(part)
        case .text(let part): absent.contains(part) ? false : text?.contains(part)
        case .emailID, .threadID, .savedBefore, .savedOn, .savedSince, .saveDateSupported: nil
        case .gmailRaw, .gmailMessageID, .gmailThreadID, .gmailLabel: nil
        case .not, .or, .and: nil
        }
    }

    /// Without a readable Date the day of arrival stands in, as it does for sorting (RFC 5256 §2.2).
    private var sentDay: CalendarDate? {
        guard let header else { return nil }
        return (header.date ?? internalDate).map(CalendarDate.init)
    }

    private func field(_ name: String, contains value: [UInt8]) -> Bool? {
        guard let header else { return nil }
        let fields = header.all(name)
        guard !value.isEmpty else { return !fields.isEmpty }
        let pattern = SearchPattern(value, .unicodeCasemap)
        return fields.contains { pattern.isFound(in: $0.text) }
    }
}
