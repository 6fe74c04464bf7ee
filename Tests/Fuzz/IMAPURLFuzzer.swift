import Bytes
import IMAPSyntax
import MailTypes

/// A URL that a client may name: what is read can be written and is then read as the same.
@_cdecl("LLVMFuzzerTestOneInput")
package func fuzzIMAPURL(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = octets(start, count)
    if let rump = IMAPURL.rump(of: input) { expect(input.starts(with: rump), "the beginning of the URL") }
    guard let url = IMAPURL(input) else { return 0 }
    // Escapes may make it longer than what is read.
    let written = url.octets
    guard written.count <= IMAPURL.longest else { return 0 }
    expect(IMAPURL(written) == url, "the same URL")
    return 0
}
