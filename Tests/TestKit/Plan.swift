/// What a test needs of a house, where that is not the usual.
package struct Plan: Sendable {
    /// Whether Postfix runs behind Posthouse.
    package var sends = false
    /// A submission server with refusals of its own instead of that Postfix.
    package var submission: Provider.SubmissionServer?
    /// How Posthouse connects to the provider: `starttls`, `implicit` or `none`.
    package var upstreamTLS = "starttls"
    /// The names in the provider's certificate. Posthouse connects to `localhost`.
    package var providerNames = ["localhost"]
    /// The password that Posthouse has for the account `support`, where it is not the right one.
    package var supportPassword: String?
    /// Lines added to posthouse.yaml.
    package var settings = "allow-insecure-loopback-sign-in: yes"
    /// The scanner of the account `support`, as the lines below its name; nil for none.
    package var scanner: String? = """
        actions: [create-email, bind, open-ticket, create-ticket]
        start: from now
        """
    /// Lines added to the server.
    package var server = ""
    /// Lines added to the account `support`.
    package var support = ""
    /// Lines of Dovecot's configuration.
    package var dovecot = ""
    /// The command line before posthouse's, such as `prlimit --fsize=…`.
    package var wrapper: [String] = []

    /// The usual house.
    package init() {}

    /// The same with Postfix.
    package static var sending: Plan {
        var plan = Plan()
        plan.sends = true
        return plan
    }

    /// The same with another submission server.
    package static func sending(through server: Provider.SubmissionServer) -> Plan {
        var plan = Plan()
        plan.submission = server
        return plan
    }

    /// Four people and two accounts. Alice may do everything in `support`, Bob everything in `sales`, Carol may read
    /// both, and Dave has no grant at all.
    func site(imap: UInt16, smtp: UInt16, authority: String) -> String {
        let trust = upstreamTLS == "none" ? "" : ", ca-file: \(authority)"
        var text = """
            users:
              alice: {name: Alice Adams, addresses: [alice@example.test]}
              bob: {name: Bob Brown, addresses: [bob@example.test]}
              carol: {name: Carol Clark, addresses: [carol@example.test]}
              dave: {name: Dave Dunn, addresses: [dave@example.test]}
            servers:
              provider:
                imap: {host: localhost, port: \(imap), tls: \(upstreamTLS)\(trust)}
                smtp: {host: localhost, port: \(smtp), tls: \(upstreamTLS)\(trust)}
            \(server.indented(by: 4))
            accounts:
              support:
                server: provider
                address: support@example.test
                login: support
                password-file: secrets/support
                identities: [help@example.test]
            \(support.indented(by: 4))
              sales:
                server: provider
                address: sales@example.test
                login: sales
                password-file: secrets/sales
            grants:
              - {account: support, user: alice, rights: [all]}
              - {account: sales, user: bob, rights: [all]}
              - {account: support, user: carol, rights: [read]}
              - {account: sales, user: carol, rights: [read]}

            """
        if let scanner { text += "scanners:\n  support:\n\(scanner.indented(by: 4))\n" }
        return text
    }
}

extension String {
    /// Every line moved to the right.
    func indented(by count: Int) -> String {
        split(separator: "\n").map { String(repeating: " ", count: count) + $0 }.joined(separator: "\n")
    }
}
