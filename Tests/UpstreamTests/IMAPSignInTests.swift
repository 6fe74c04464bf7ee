import Bytes
import Loop
import MailTypes
import SMTPRig
import TLS
import TestKit
import Testing
import Upstream

@Suite("Connecting to IMAP servers", .timeLimit(.minutes(20)))
struct IMAPSignInTests {
    let bench: Bench
    init() throws { bench = try Bench() }

    @Test(
        "Who is no IMAP server, or lets nobody in, is told as unreachable with its words",
        arguments: [
            ("* BYE overloaded, come back later", "overloaded, come back later"),
            ("220 smtp.example ESMTP", "does not greet as an IMAP server"),
            ("* OK [CAPABILITY IMAP2] old", "speaks neither IMAP4rev1 nor IMAP4rev2"),
        ])
    func greetings(greeting: String, words: String) async throws {
        let failure = try await bench.refusal { peer in
            try await peer.say(greeting)
            try await peer.end()
        }
        guard case .unreachable(let text)? = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
        #expect(text.contains(words))
        #expect(text.contains("localhost:"))
    }

    @Test("A silent server is given up when the time to connect has passed")
    func silence() async throws {
        let failure = try await bench.refusal(patience: .seconds(5)) { peer in try await peer.end() }
        guard case .unreachable(let text)? = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
        #expect(text.contains("did not answer in time"))
    }

    @Test("A server that drips one octet after the other does not get more time")
    func drip() async throws {
        let failure = try await bench.refusal(patience: .milliseconds(700)) { peer in
            while !peer.connection.isClosed {
                do { try await peer.say(octets: "* ") } catch { return }
                let loop = peer.connection.signal.loop
                await loop.sleep(until: loop.now + .milliseconds(10))
            }
        }
        guard case .unreachable? = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
    }

    @Test("The password is not given away when LOGIN is disabled or nothing known is offered")
    func loginDisabled() async throws {
        for capabilities in ["LOGINDISABLED", "LOGINDISABLED AUTH=GSSAPI"] {
            let failure = try await bench.refusal { peer in
                try await peer.say("* OK [CAPABILITY IMAP4rev1 \(capabilities)] ready")
                try await peer.end()
            }
            guard case .authenticationFailed? = failure else {
                Issue.record("\(String(describing: failure))")
                return
            }
        }
    }

    @Test("LOGIN serves where no mechanism is known", arguments: ["", "AUTH=GSSAPI AUTH=NTLM"])
    func login(mechanisms: String) async throws {
        let failure = try await bench.refusal { peer in
            try await peer.say("* OK ready")
            try await peer.answer("CAPABILITY", "* CAPABILITY IMAP4rev1 \(mechanisms)")
            try await peer.answer("LOGIN alice secret")
            try await peer.answer("CAPABILITY", "* CAPABILITY IMAP4rev1")
            try await peer.answer(#"LIST "" """#, #"* LIST (\Noselect) "/" """#)
            try await peer.end()
        }
        #expect(failure == nil)
    }

    @Test("Without SASL-IR the initial response waits for its invitation")
    func noInitialResponse() async throws {
        let failure = try await bench.refusal { peer in
            try await peer.say("* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready")
            let (tag, text) = try await peer.command()
            #expect(text == "AUTHENTICATE PLAIN")
            try await peer.say("+ ")
            try await peer.expect("AGFsaWNlAHNlY3JldA==")
            try await peer.say("* CAPABILITY IMAP4rev1 ID", "\(tag) OK in")
            let identification = try await peer.command()
            #expect(identification.text == #"ID ("name" "Posthouse")"#)
            try await peer.answer(#"LIST "" """#, "\(identification.tag) BAD what?", #"* LIST () "/" """#)
            try await peer.end()
        }
        #expect(failure == nil)
    }

    @Test(
        "What a refused sign-in says about the password is told from what it does not",
        arguments: [
            ("NO [AUTHENTICATIONFAILED] wrong", false), ("NO no", false), ("BAD never heard", false),
            ("NO [UNAVAILABLE] later", true), ("NO [LIMIT] slow down", true),
            ("NO [ALERT] Too many simultaneous connections. (Failure)", true),
        ])
    func refusals(answer: String, isTemporary: Bool) async throws {
        let failure = try await bench.refusal { peer in
            try await peer.say("* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] ready")
            try await peer.refuse("AUTHENTICATE PLAIN AGFsaWNlAHNlY3JldA==", with: answer)
            try await peer.end()
        }
        switch failure {
        case .unreachable(let text)?: #expect(isTemporary && text.contains("localhost:"))
        case .authenticationFailed(let text)?:
            #expect(!isTemporary)
            #expect(!text.contains("secret") && !text.contains("AGFsaWNl"))
        default: Issue.record("\(String(describing: failure))")
        }
    }

    @Test("A goodbye in the middle of the sign-in is told with its words")
    func goodbye() async throws {
        let failure = try await bench.refusal { peer in
            try await peer.say("* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] ready")
            _ = try await peer.command()
            try await peer.say("* BYE too many of you")
        }
        guard case .unreachable(let text)? = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
        #expect(text.contains("too many of you"))
    }

    @Test("PREAUTH is accepted from this machine alone, and never instead of STARTTLS")
    func preauth() async throws {
        let accepted = try await bench.refusal { peer in
            try await peer.say("* PREAUTH hello")
            try await peer.answer("CAPABILITY", "* CAPABILITY IMAP4rev1")
            try await peer.answer(#"LIST "" """#, #"* LIST () "." """#)
            try await peer.end()
        }
        #expect(accepted == nil)
        let refused = try await bench.refusal(.startTLS) { peer in
            try await peer.say("* PREAUTH hello")
            try await peer.end()
        }
        guard case .unreachable(let text)? = refused else {
            Issue.record("\(String(describing: refused))")
            return
        }
        #expect(text.contains("PREAUTH"))
    }

    @Test("TLS that was asked for is never done without")
    func noStartTLS() async throws {
        let failure = try await bench.refusal(.startTLS) { peer in
            try await peer.say("* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready")
            try await peer.end()
        }
        guard case .unreachable(let text)? = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
        #expect(text.contains("STARTTLS"))
    }

    @Test("What was said before TLS is forgotten")
    func injection() async throws {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        let certificates = try await Certificates.make(in: directory.path, names: ["localhost"])
        let server = try ServerTLS(certificateFile: certificates.chain, keyFile: certificates.key)
        let trust = try ClientTLS(trust: .file(certificates.authority))
        let failure = try await bench.refusal(.startTLS, trust: trust) { peer in
            try await peer.say("* OK [CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN SASL-IR] ready")
            let (tag, text) = try await peer.command()
            #expect(text == "STARTTLS")
            // An attacker on the way puts a response, and half of another, behind the invitation.
            try await peer.say(octets: "\(tag) OK begin\r\n* CAPABILITY IMAP4rev1 AUTH=LOGIN\r\n* NO half")
            try await peer.startTLS(server)
            try await peer.answer("CAPABILITY", "* CAPABILITY IMAP4rev1 LOGINDISABLED")
            try await peer.end()
        }
        guard case .authenticationFailed(let text)? = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
        #expect(text.contains("offers no way to sign in"))
    }
}
