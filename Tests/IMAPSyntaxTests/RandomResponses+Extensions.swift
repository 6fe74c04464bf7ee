import IMAPSyntax
import MailTypes

/// The codes of the extensions.
extension RandomResponses {
    mutating func extensionCode() -> ResponseCode {
        switch dice.below(2) {
        case 0:
            .inProgress(
                dice.chance(3)
                    ? nil
                    : Progress(
                        tag: dice.chance(3) ? nil : "a\"1".octets, done: dice.chance(3) ? nil : dice.next(),
                        goal: dice.chance(3) ? nil : dice.next()))
        default: .noUpdate("b 2".octets)
        }
    }
}
