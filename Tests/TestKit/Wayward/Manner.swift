/// One way in which a server misbehaves. Each is what some server has been seen to do, or what a broken one could.
package enum Manner: String, CaseIterable, Sendable {
    /// It does nothing wrong.
    case none
    /// BODYSTRUCTURE is no body structure.
    case wrongStructure
    /// ENVELOPE is no envelope.
    case wrongEnvelope
    /// SELECT tells of two messages more than there are.
    case existsTooHigh
    /// SELECT tells of one message less than there are.
    case existsTooLow
    /// SELECT tells of no messages at all.
    case existsNone
    /// Every command is answered with an EXISTS that is lower by one, and no EXPUNGE.
    case existsShrinks
    /// CR comes in one packet, LF in the next.
    case splitLineEnds
    /// Every octet is a packet of its own.
    case singleOctets
    /// Other untagged responses stand between those of a FETCH.
    case interruptedFetch
    /// The connection ends in the middle of a body's literal.
    case cutInLiteral
    /// RFC822.SIZE is more than what the literal has.
    case sizeTooHigh
    /// RFC822.SIZE is less than what the literal has.
    case sizeTooLow
    /// A body's literal is announced shorter than it is.
    case literalAnnouncedShort
    /// A body's literal is announced longer than it is.
    case literalAnnouncedLong
    /// FETCH also answers for messages that nobody asked for and that do not exist.
    case unaskedAnswers
    /// FETCH answers have no UID.
    case missingUID
    /// FETCH answers have wrong sequence numbers, and the UID at the end.
    case wrongNumbers
    /// FETCH is OK and gives nothing.
    case silentFetch
    /// Every other SELECT finds another UIDVALIDITY, with other UIDs for the same messages.
    case newValidity
    /// Tagged answers to commands that nobody gave.
    case unknownTag
    /// BYE after a command, and the connection stays open and silent.
    case byeWithoutClose
    /// Nothing is said any more, and the connection stays open.
    case halfOpen
    /// SELECT is refused for a mailbox that LIST shows.
    case refusedSelect
    /// The last message goes while the first is being fetched, and so does one that is not there.
    case expungeInFetch
    /// An untagged OK of a megabyte before every tagged answer.
    case longLines
    /// A line that does not come to an end within what is reasonable.
    case endlessLine
    /// Octets above 127 in the quoted strings of an envelope.
    case eightBitEnvelope
    /// A NUL and a bare CR among what is said.
    case strayOctets
}
