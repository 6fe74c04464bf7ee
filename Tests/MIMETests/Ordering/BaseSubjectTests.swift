import Bytes
import MIME
import Testing

@Suite struct BaseSubjectTests {
    /// A `+` before the base subject marks a reply or forward.
    @Test(arguments: [
        ("", ""), ("   ", ""), ("plain", "plain"), ("  plain\t \r\n  words ", "plain words"),
        // Step 2: trailers.
        ("text (fwd)", "+text"), ("text(FWD) (Fwd)  ", "+text"), ("(fwd)", "+"), ("(fwd) text", "(fwd) text"),
        ("text (fwd", "text (fwd"), ("text fwd)", "text fwd)"),
        // Step 3: leaders.
        ("Re: text", "+text"), ("re:text", "+text"), ("RE :text", "+text"), ("Fw: text", "+text"),
        ("Fwd: text", "+text"), ("fWD   : text", "+text"), ("Re: Re: FW: Fwd:Re : text", "+text"), ("Re:", "+"),
        ("Re[2]: text", "+text"), ("Re [2] : text", "+text"), ("Re: [a] Re[b]: text", "+text"),
        ("[list] Re: text", "+text"), ("[a][b] [c]Re: text", "+text"), ("[a] Re: [b] Fw: text", "+text"),
        ("Ref: text", "Ref: text"), ("Re text", "Re text"), ("Reply: text", "Reply: text"), ("f: text", "f: text"),
        ("Fwdd: text", "Fwdd: text"), ("Re[a][b]: text", "Re[a][b]: text"), ("Re[: text", "Re[: text"),
        ("[a Re: text", "[a Re: text"), ("AW: text", "AW: text"), (": text", ": text"), ("R", "R"), ("re", "re"),
        // Step 4: blobs, as long as something is left.
        ("[list] text", "text"), ("[a][b] [c] text", "text"), ("[a]", "[a]"), ("[a][b]", "[b]"), ("[a] [b] ", "[b]"),
        ("Re: [a]", "+[a]"), ("[a] Re:", "+"), ("[a] (fwd)", "+[a]"), ("[] text", "text"), ("[a[b] text", "[a[b] text"),
        ("[[a] text", "[[a] text"), ("[a]] text", "] text"), ("text [a]", "text [a]"), ("[é] text", "text"),
        // Step 6: frames, and what is in them from step 2 on.
        ("[Fwd: text]", "+text"), ("[FWD:text]  ", "+text"), ("[fwd: Re: [list] text (fwd)]", "+text"),
        ("[Fwd: [Fwd: text]]", "+text"), ("Re: [Fwd: Re: text]", "+text"), ("[list][Fwd: text]", "+text"),
        ("[Fwd: ]", "+"), ("[fwd:]", "+"), ("[Fwd: text", "[Fwd: text"), ("[Fwd: text] more", "more"),
        ("[Fwd: a [b]]", "+a [b]"), ("[Fwd: [a]]", "+[a]"), ("[Fwd text]", "[Fwd text]"),
        // Step 1: encoded words.
        ("=?utf-8?q?Re=3A?= =?utf-8?q?_Gr=C3=BC=C3=9Fe?=", "+Grüße"), ("=?utf-8?b?W2xpc3RdIFJlOiDQn9GA?=", "+Пр"),
        ("=?utf-8?q?=5Blist=5D?= text", "text"), ("Re: =?utf-8?q?a=09=09b?=", "+a b"), ("Re: Ünïcode", "+Ünïcode"),
        ("R\u{E9}: text", "R\u{E9}: text"), ("Re\u{A0}: text", "Re\u{A0}: text"),
    ])
    func subjects(value: String, expected: String) {
        let subject = BaseSubject(Array(value.utf8))
        #expect((subject.isReplyOrForward ? "+" : "") + subject.text == expected)
        #expect(BaseSubject(decoded: subject.text).text == subject.text || value.contains("=?"))
    }

    /// Whatever is put around a subject, its base stays.
    @Test(arguments: ["text", "Größe [x] 5", "a: b", "(x)", "[only]"]) func framesComeOff(base: String) {
        var dice = Dice(5)
        let frames: [(String) -> String] = [
            { "Re: \($0)" }, { "FWD[3] : \($0)" }, { "[list] Re: \($0)" }, { " \t\($0)" }, { "\($0) (Fwd) " },
            { "[Fwd:  \($0)]" },
        ]
        for _ in 0..<500 {
            var subject = base
            for _ in 0...Int.random(in: 0..<6, using: &dice) {
                subject = frames[Int.random(in: 0..<frames.count, using: &dice)](subject)
            }
            #expect(BaseSubject(decoded: subject).text == base, "\(subject)")
        }
    }

    @Test(arguments: ["[a]", "Re: ", "[", "Re[", "[fwd:", "(fwd)", "[a] Re: ", " ", "]", "re [ "])
    func longSubjects(piece: String) {
        let count = 200_000
        let subject = BaseSubject(decoded: String(repeating: piece, count: count))
        #expect(subject.text.utf8.count <= piece.utf8.count * count)
    }
}
