internal import Bytes
internal import MailTypes

/// What kind of automatic mail a message is.
package enum AutomaticKind: String, Hashable, Sendable, Codable {
    /// A report on the delivery of a message.
    case bounce
    case outOfOffice = "out-of-office"
    /// Mass mail, lists, and everything else that no person has written.
    case generated
}

extension MessageFacts {
    /// What marks the message as automatic, with every sign found; nil when a person has written it.
    var automatic: (kind: AutomaticKind, reasons: [Reason])? {
        var reasons: [Reason] = []
        var isBounce = false
        var isOutOfOffice = false

        if let value = header("auto-submitted"), !Self.word(value, is: "no"), !Self.firstWord(value).isEmpty {
            reasons.append(Reason(.autoSubmitted, value))
        }
        if let value = header("x-auto-response-suppress"), !Self.word(value, is: "none"), !value.isEmpty {
            reasons.append(Reason(.autoResponseSuppress, value))
        }
        if let value = header("precedence"), ["bulk", "junk", "list"].contains(Self.firstWord(value)) {
            reasons.append(Reason(.precedence, value))
        }
        if let field = headers.first(where: { $0.name.hasPrefix("list-") }) {
            reasons.append(Reason(.listField, field.name))
        }
        if returnPath == .null { reasons.append(Reason(.nullReturnPath)) }
        if contentType == "multipart/report" {
            // A report on what became of a message; a spam report by a person (feedback-report) is none of it.
            switch reportType {
            case "delivery-status", "global-delivery-status", nil:
                isBounce = true
                reasons.append(Reason(.deliveryReport, reportType ?? contentType))
            case "disposition-notification", "global-disposition-notification":
                reasons.append(Reason(.deliveryReport, reportType ?? contentType))
            default: break
            }
        }
        if let sender = from.first(where: { $0.address.local.utf8.equalsIgnoringASCIICase("mailer-daemon".utf8) }) {
            isBounce = true
            reasons.append(Reason(.mailerDaemon, sender.address.description))
        }
        if let opening = Self.outOfOfficeOpening(of: subject) {
            isOutOfOffice = true
            reasons.append(Reason(.outOfOfficeSubject, opening))
        }
        for name in ["x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-reply"] {
            guard let value = header(name), !Self.word(value, is: "no") else { continue }
            isOutOfOffice = true
            reasons.append(Reason(.autoreplyField, name))
        }
        if let value = header("x-loop") { reasons.append(Reason(.loopField, value)) }

        guard !reasons.isEmpty else { return nil }
        if let value = header("auto-submitted"), Self.firstWord(value) == "auto-replied", !isBounce {
            isOutOfOffice = true
        }
        return (isBounce ? .bounce : isOutOfOffice ? .outOfOffice : .generated, reasons)
    }

    /// The word a structured value begins with, in lower case, without parameters and comments.
    private static func firstWord(_ value: String) -> String {
        String(value.lowercased().prefix { !$0.isWhitespace && $0 != ";" && $0 != "(" && $0 != "," })
    }

    private static func word(_ value: String, is word: String) -> Bool { firstWord(value) == word }

    /// How out-of-office replies of common systems begin their subjects, up to a colon or as the whole subject.
    private static let outOfOfficeOpenings = [
        "out of office", "out of the office", "out of office autoreply", "automatic reply", "auto reply", "auto-reply",
        "autoreply", "auto response", "auto-response", "auto", "automatische antwort", "abwesenheitsnotiz",
        "abwesenheitsbenachrichtigung", "abwesend", "automatyczna odpowiedź", "odpowiedź automatyczna", "autoodpowiedź",
        "nieobecność", "réponse automatique", "absence du bureau", "respuesta automática", "fuera de la oficina",
        "risposta automatica", "fuori ufficio", "automatisch antwoord", "afwezigheidsbericht", "automatické odpovědi",
        "automatická odpověď", "resposta automática", "autosvar", "automatiskt svar", "automaattinen vastaus",
        "автоматический ответ", "автоматична відповідь",
    ]

    private static func outOfOfficeOpening(of subject: String) -> String? {
        let whole = subject.lowercased()
        let opening = (whole.firstIndex(of: ":").map { whole[..<$0] } ?? whole[...])
        let trimmed = opening.drop { $0.isWhitespace }
        let end = trimmed.lastIndex { !$0.isWhitespace }.map(trimmed.index(after:)) ?? trimmed.startIndex
        let text = String(trimmed[..<end])
        // `auto` alone is a car.
        guard text != "auto" || whole.contains(":") else { return nil }
        return outOfOfficeOpenings.contains(text) ? text : nil
    }
}
