import IMAPSyntax
import MailTypes

/// The codes of the extensions.
extension RandomResponses {
    mutating func extensionCode() -> ResponseCode {
        switch dice.below(8) {
        case 0:
            .inProgress(
                dice.chance(3)
                    ? nil
                    : Progress(
                        tag: dice.chance(3) ? nil : "a\"1".octets, done: dice.chance(3) ? nil : dice.next(),
                        goal: dice.chance(3) ? nil : dice.next()))
        case 1: ObjectID("F-2_a".octets).map { .mailboxID($0) } ?? .closed
        case 2: .badEvent(["MessageNew", "FlagChange"])
        case 3:
            .metadata(dice.pick([.longEntries(dice.next()), .maxSize(1024), .tooMany, .noPrivate]))
        case 4: .notificationOverflow
        case 5: .badURL(dice.pick(["/box/;UID=1", "a\"b", ""]).octets)
        case 6: .urlMechanisms(["INTERNAL", "X-M"])
        default: .noUpdate("b 2".octets)
        }
    }
}
