import Testing
import Upstream

@Suite("What single servers do otherwise")
struct ServerQuirksTests {
    @Test(
        "A pause that a refusal asks for",
        arguments: [
            ("Request is throttled. Suggested Backoff Time: 300000 milliseconds", Duration.seconds(300)),
            ("suggested backoff time:1500", .milliseconds(1500)),
            ("Suggested Backoff Time: 99999999999999999999999 milliseconds", nil),
            ("Suggested Backoff Time: 99999999999 milliseconds", .seconds(3600)),
            ("Suggested Backoff Time: soon", nil), ("Too many simultaneous connections", nil), ("", nil),
        ])
    func pause(_ text: String, _ pause: Duration?) {
        #expect(ServerQuirks.suggestedPause(in: text) == pause)
    }
}
