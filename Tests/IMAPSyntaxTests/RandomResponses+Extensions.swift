import IMAPSyntax
import MailTypes

/// The codes of the extensions.
extension RandomResponses {
    mutating func extensionCode() -> ResponseCode {
        switch dice.below(3) {
        case 0:
            .inProgress(
                dice.chance(3)
                    ? nil
                    : Progress(
                        tag: dice.chance(3) ? nil : "a\"1".octets, done: dice.chance(3) ? nil : dice.next(),
                        goal: dice.chance(3) ? nil : dice.next()))
        case 1: ObjectID("F-2_a".octets).map { .mailboxID($0) } ?? .closed
        default: .noUpdate("b 2".octets)
        }
    }
}
