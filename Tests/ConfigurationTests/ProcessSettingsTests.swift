import Configuration
import Loop
import Store
import TLS
import Testing
import YAML

private func read(_ text: String, file: String = "/etc/posthouse/posthouse.yaml") throws -> (ProcessSettings?, [String])
{
    let problems = ProblemList(file: file)
    let settings = ProcessSettings(
        try Document.parse(text), file: file, directory: LocalPath.directory(of: file), problems: problems)
    return (settings, problems.problems.map { "\($0.position.map { "\($0)" } ?? "-") \($0.setting): \($0.message)" })
}

private let least = """
    data-directory: /var/lib/posthouse
    master-key-file: master.key
    listeners: []

    """

@Suite struct ProcessSettingsTests {
    @Test func defaults() throws {
        let (settings, problems) = try read(least)
        #expect(problems.isEmpty)
        let found = try #require(settings)
        #expect(found.dataDirectory.value == "/var/lib/posthouse")
        #expect(found.masterKeyFile.value == "/etc/posthouse/master.key")
        #expect(found.siteFile == nil)
        #expect(found.log == .init())
        #expect(found.loopCount == nil)
        #expect(found.limits == LimitSettings())
        #expect(!found.allowsInsecureLoopbackSignIn)
        #expect(!found.hostName.isEmpty)
        #expect(found.comment == nil)
        #expect(found.administrator == nil)
    }

    @Test func everything() throws {
        let (settings, problems) = try read(
            """
            host-name: mail.example.com
            comment: "Mail of Example: ours"
            administrator: mailto:postmaster@example.com
            data-directory: ../data
            master-key-file: /etc/key
            site-file: site.yaml
            allow-insecure-loopback-sign-in: yes
            listeners:
              - {service: imaps, address: "::"}
              - {service: submission, address: 192.0.2.1, port: 1587}
            certificate: {chain-file: a.crt, key-file: a.key}
            log: {level: debug, format: json}
            loops: 3
            limits:
              connections: 5
              connections-per-address: 4
              sign-in-time: 10s
              idle-time: 1h
              submission-idle-time: 10m
              message-size: 1MiB
              recipients: 100
              messages-per-hour: 30
              recipients-per-hour: none
              bad-commands: 3
              cache-size: 1GiB
              drain-time: 2s
            """, file: "conf/posthouse.yaml")
        #expect(problems.isEmpty)
        let found = try #require(settings)
        #expect(found.hostName == "mail.example.com")
        #expect(found.comment == "Mail of Example: ours")
        #expect(found.administrator == "mailto:postmaster@example.com")
        #expect(found.dataDirectory.value == "conf/../data")
        #expect(found.siteFile?.value == "conf/site.yaml")
        #expect(
            found.listeners.map { "\($0.value.service) \($0.value.address)" } == [
                "imaps [::]:993", "submission 192.0.2.1:1587",
            ])
        #expect(found.certificate?.keyFile.value == "conf/a.key")
        #expect(found.log == .init(level: .debug, format: .json))
        #expect(found.loopCount == 3)
        var limits = LimitSettings()
        limits.connections = 5
        limits.connectionsPerAddress = 4
        limits.signInTime = .seconds(10)
        limits.idleTime = .seconds(3600)
        limits.submissionIdleTime = .seconds(600)
        limits.messageSize = 1 << 20
        limits.recipients = 100
        limits.messagesPerHour = .atMost(30)
        limits.recipientsPerHour = .unlimited
        limits.badCommands = 3
        limits.cacheSize = 1 << 30
        limits.drainTime = .seconds(2)
        #expect(found.limits == limits)
    }

    @Test(arguments: [
        "postmaster@example.com", "\"mailto:\"", "\":a\"", "\"1x:a\"", "\"tel:1 2\"", "mailto:ä@example.com",
    ])
    func refusesWhatIsNoURI(_ text: String) throws {
        let (_, problems) = try read("administrator: \(text)\n" + least)
        #expect(problems.count == 1 && problems[0].hasSuffix("is not a URI"), "\(problems)")
    }

    @Test func whatCannotBeReplacedIsMissing() throws {
        let (settings, problems) = try read("log: {level: info}\n")
        #expect(settings == nil)
        #expect(
            problems == [
                "1:1 data-directory: is missing", "1:1 master-key-file: is missing", "1:1 listeners: is missing",
            ])
    }

    @Test func everyMistakeHasItsPlace() throws {
        let (settings, problems) = try read(
            least.replacing("listeners: []", with: "") + """
                listeners:
                  - {service: imapd, address: 127.0.0.1}
                  - {service: imap, address: localhost}
                  - {service: imap, adress: 127.0.0.1}
                  - {service: imap, address: 127.0.0.1, port: 70000}
                  - {service: imap, address: 127.0.0.1, port: 143}
                  - {service: submission, address: 127.0.0.1, port: 143}
                  - {service: imap, address: 0.0.0.0, port: 143}
                  - {service: imaps, address: 127.0.0.1}
                certificates: {}
                loops: 0
                log: {level: verbose}
                limits: {idle-time: 5m, message-size: 1, messages-per-hour: 0}
                """)
        #expect(settings != nil)
        #expect(
            problems == [
                "5:15 listeners[0].service: `imapd` is not a word for this",
                "6:30 listeners[1].address: `localhost` is not an address in numbers",
                "7:5 listeners[2].address: is missing",
                "7:21 listeners[2].adress: is not a setting",
                "8:47 listeners[3].port: 70000 is out of range",
                "9:5 listeners[4]: 127.0.0.1:143 is taken by the listener in line 8",
                "10:5 listeners[5]: 127.0.0.1:143 is taken by the listener in line 8",
                "11:5 listeners[6]: 0.0.0.0:143 is taken by the listener in line 8",
                "15:14 log.level: `verbose` is not a word for this",
                "14:8 loops: 0 is out of range",
                "16:21 limits.idle-time: 5m is out of range",
                "16:39 limits.message-size: 1 is out of range",
                "16:61 limits.messages-per-hour: 0 is out of range",
                "8:5 certificate: is missing, and imap on 127.0.0.1:143 needs one",
                "13:1 certificates: is not a setting",
            ])
    }

    @Test func clientCertificates() throws {
        let (settings, problems) = try read(
            least + "client-certificates: {authority-file: ca.crt, revocation-file: ca.crl, user: common-name}")
        #expect(problems.isEmpty)
        let found = try #require(settings?.clientCertificates?.certificates)
        #expect(found.authorityFile == "/etc/posthouse/ca.crt" && found.revocationFile == "/etc/posthouse/ca.crl")
        #expect(found.naming == .commonName)
        // Nothing is guessed of whom a certificate lets in.
        for text in ["{authority-file: ca.crt}", "{user: email}", "{authority-file: a, user: everybody}"] {
            let (settings, problems) = try read(least + "client-certificates: \(text)")
            #expect(settings?.clientCertificates == nil && problems.count == 1, "\(problems)")
        }
        #expect(try read(least).0?.clientCertificates == nil)
    }

    @Test func aListenerNeedsACertificate() throws {
        let listener = least.replacing("[]", with: "[{service: imap, address: 127.0.0.1, port: 0}]")
        #expect(try read(listener).1 == ["3:13 certificate: is missing, and imap on 127.0.0.1:0 needs one"])
        #expect(try read(listener + "certificate: {chain-file: a, key-file: b}").1.isEmpty)
    }
}
