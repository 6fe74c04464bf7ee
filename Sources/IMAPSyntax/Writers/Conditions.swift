internal import Bytes
internal import MailTypes

/// Status responses (RFC 9051 §7.1). Each function appends one whole line.
extension [UInt8] {
    /// `a1 OK [CODE] text`.
    package mutating func appendTagged(
        _ tag: [UInt8], _ condition: Condition, _ code: ResponseCode?, _ text: String
    ) {
        append(contentsOf: tag)
        appendCondition(condition, code, text)
    }

    /// `* OK [CODE] text`.
    package mutating func appendUntagged(_ condition: Condition, _ code: ResponseCode?, _ text: String) {
        append(UInt8(ascii: "*"))
        appendCondition(condition, code, text)
    }

    private mutating func appendCondition(_ condition: Condition, _ code: ResponseCode?, _ text: String) {
        append(ASCII.space)
        append(text: condition.rawValue)
        append(ASCII.space)
        if let code {
            append(responseCode: code)
            append(ASCII.space)
        }
        appendText(text)
        appendLineEnd()
    }

    /// `+ text`: the client may go on.
    package mutating func appendContinuation(_ text: String = "OK") {
        append(text: "+ ")
        appendText(text)
        appendLineEnd()
    }

    /// `+ ` with a SASL challenge in base 64.
    package mutating func appendChallenge(_ challenge: [UInt8]) {
        append(text: "+ ")
        append(contentsOf: Base64.encode(challenge))
        appendLineEnd()
    }

    /// `text`: a line end within would end the response, so it becomes a space; RFC 9051 wants at least one octet.
    private mutating func appendText(_ text: String) {
        guard !text.isEmpty else { return append(UInt8(ascii: ".")) }
        for byte in text.utf8 { append(byte == ASCII.cr || byte == ASCII.lf || byte == ASCII.nul ? ASCII.space : byte) }
    }

    /// `[CODE …]`, brackets included.
    package mutating func append(responseCode code: ResponseCode) {
        append(UInt8(ascii: "["))
        if let name = code.plainName {
            append(text: name)
        } else {
            append(codeWithArgument: code)
        }
        append(UInt8(ascii: "]"))
    }

    private mutating func append(codeWithArgument code: ResponseCode) {
        switch code {
        case .appendUID(let validity, let uids):
            append(text: "APPENDUID ")
            append(decimal: validity.rawValue)
            append(ASCII.space)
            append(ranges: uids)
        case .copyUID(let validity, let source, let destination):
            append(text: "COPYUID ")
            append(decimal: validity.rawValue)
            append(ASCII.space)
            append(ranges: source)
            append(ASCII.space)
            append(ranges: destination)
        case .badCharset(let names):
            append(text: "BADCHARSET")
            guard !names.isEmpty else { return }
            append(text: " (" + names.joined(separator: " ") + ")")
        case .badEvent(let names):
            append(text: "BADEVENT (" + names.joined(separator: " ") + ")")
        case .badURL(let url):
            append(text: "BADURL ")
            append(urlInCode: url)
        case .capability(let names):
            append(text: "CAPABILITY ")
            append(text: names.joined(separator: " "))
        case .highestModSeq(let modSeq):
            append(text: "HIGHESTMODSEQ ")
            append(decimal: modSeq.rawValue)
        case .inProgress(let progress):
            append(text: "INPROGRESS")
            if let progress { append(progress: progress) }
        case .mailboxID(let id):
            append(text: "MAILBOXID ")
            append(objectID: id)
        case .metadata(let code):
            append(text: "METADATA ")
            append(metadata: code)
        case .modified(let set):
            append(text: "MODIFIED ")
            append(ranges: set)
        case .noUpdate(let tag):
            append(text: "NOUPDATE ")
            appendQuoted(tag)
        case .permanentFlags(let flags):
            append(text: "PERMANENTFLAGS ")
            appendFlags(flags)
        case .uidNext(let uid):
            append(text: "UIDNEXT ")
            append(decimal: uid)
        case .uidValidity(let validity):
            append(text: "UIDVALIDITY ")
            append(decimal: validity.rawValue)
        case .urlMechanisms(let names):
            append(text: "URLMECH " + names.joined(separator: " "))
        case .unseen(let number):
            append(text: "UNSEEN ")
            append(decimal: number)
        case .other(let name, let argument):
            append(text: name)
            guard !argument.isEmpty else { return }
            append(ASCII.space)
            append(contentsOf: argument)
        default: preconditionFailure("a code without an argument has a plain name")
        }
    }
}
