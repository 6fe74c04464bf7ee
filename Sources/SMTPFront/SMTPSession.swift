internal import Engine
internal import Loop
internal import TLS

/// One client that sends, from its greeting to its QUIT.
final class SMTPSession {
    /// Whether a new connection is let in.
    enum Admission: Sendable {
        case welcome
        /// Too many from its address, or altogether.
        case tooMany
        case stopping
    }

    let connection: Connection
    let house: SMTPHouse
    let security: SMTPListener.Security

    init(_ connection: Connection, house: SMTPHouse, security: SMTPListener.Security) {
        self.connection = connection
        self.house = house
        self.security = security
    }

    func run(_ admission: Admission) async { fatalError("API") }
}
