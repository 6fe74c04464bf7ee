package import Store
package import YAML

/// The limits that an administrator may move, with their defaults.
package struct LimitSettings: Hashable, Sendable {
    /// IMAP clients at one time; the same for each address where mail is sent from.
    package var connections = 10_000
    /// Clients at one time from one address.
    package var connectionsPerAddress = 1000
    /// How long a client may take to sign in.
    package var signInTime: Duration = .seconds(60)
    /// Silence after which a signed-in IMAP client is sent away; at least 30 minutes (RFC 9051 §5.4).
    package var idleTime: Duration = .seconds(1800)
    /// Silence after which a submission client is sent away; at least 5 minutes (RFC 5321 §4.5.3.2).
    package var submissionIdleTime: Duration = .seconds(300)
    /// Octets of one message: sent, saved, or read from an upstream.
    package var messageSize = 100 << 20
    /// Recipients of one message; at least 100 (RFC 5321 §4.5.3.1.8).
    package var recipients = 1000
    /// What each user may send in an hour who has no limits of her own.
    package var messagesPerHour = HourlyLimit.unlimited
    /// To how many recipients in an hour, of all her messages together.
    package var recipientsPerHour = HourlyLimit.unlimited
    /// Commands that are no commands before a client is sent away.
    package var badCommands = 20
    /// Octets of mail in `cache.db`; above it the mail unused for longest is dropped.
    package var cacheSize = 4 << 30
    /// How long sessions have to finish after SIGTERM.
    package var drainTime: Duration = .seconds(10)

    package init() {}

    /// Reads those that are written in `reader`.
    package init(_ reader: MappingReader) {
        self.init()
        connections = reader.value("connections", .integer(in: 1...1_000_000), default: connections)
        connectionsPerAddress = reader.value(
            "connections-per-address", .integer(in: 1...1_000_000), default: connectionsPerAddress)
        signInTime = reader.value(
            "sign-in-time", .duration(in: .seconds(5)...(.seconds(3600))), default: signInTime)
        idleTime = reader.value("idle-time", .duration(in: .seconds(1800)...(.seconds(86_400))), default: idleTime)
        submissionIdleTime = reader.value(
            "submission-idle-time", .duration(in: .seconds(300)...(.seconds(86_400))), default: submissionIdleTime)
        messageSize = reader.value(
            "message-size", .byteSize(in: (64 << 10)...(2 << 30)), default: messageSize)
        recipients = reader.value("recipients", .integer(in: 100...100_000), default: recipients)
        messagesPerHour = reader.value("messages-per-hour", .hourlyLimit, default: messagesPerHour)
        recipientsPerHour = reader.value("recipients-per-hour", .hourlyLimit, default: recipientsPerHour)
        badCommands = reader.value("bad-commands", .integer(in: 1...1000), default: badCommands)
        cacheSize = reader.value("cache-size", .byteSize(in: (64 << 20)...(64 << 40)), default: cacheSize)
        drainTime = reader.value("drain-time", .duration(in: .zero...(.seconds(60))), default: drainTime)
        reader.finish()
    }
}

extension ScalarKind<HourlyLimit> {
    /// A number, or `none` for no limit.
    package static var hourlyLimit: Self {
        let number = ScalarKind<Int>.integer(in: 1...HourlyLimit.largest)
        let expectation = "\(number.expectation), or none"
        return ScalarKind(expectation) { scalar throws(ScalarRefusal) in
            if scalar.text == "none" { return .unlimited }
            do throws(ScalarRefusal) { return .atMost(try number.read(scalar)) } catch {
                throw ScalarRefusal(error.message, remedy: "Write \(expectation).")
            }
        }
    }
}
