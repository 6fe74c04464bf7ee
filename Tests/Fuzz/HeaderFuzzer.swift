import Bytes
import MIME
import MailTypes

/// Everything that reads a header or the value of a field, and writes what it read.
@_cdecl("LLVMFuzzerTestOneInput")
package func fuzzHeader(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = octets(start, count)
    let header = MessageHeader(input)
    _ = (header.subject, header.from, header.date, header.references, header.inReplyTo)
    _ = (header.contentType, header.autoSubmitted, header.list, Envelope(header: header))
    var position = 0
    for field in header.fields {
        expect(field.range.lowerBound >= position, "order of fields")
        position = field.range.upperBound
    }

    let text = EncodedWord.decode(input)
    expect(!text.utf8.contains(where: ASCII.isControl), "no controls in text")
    let addresses = AddressList.parse(input)
    _ = MessageIDList.parse(input)
    let parameters = ParameterList.decode(ParameterList.parse(input))
    if let type = ContentType(input) { expect(!type.essence.isEmpty, "type") }
    if let date = MessageDate.parse(input) {
        expect(MessageDate.parse(MessageDate.text(date).utf8) == date, "date comes back")
    }
    checkWriter(text, addresses, parameters, raw: String(lossy: input))
    checkEditor(input)
    checkOrdering(header, input, text)
    return 0
}

/// What messages are sorted, threaded and searched by.
private func checkOrdering(_ header: MessageHeader, _ input: [UInt8], _ text: String) {
    let subject = BaseSubject(input)
    expect(BaseSubject(decoded: subject.text).text == subject.text, "a base subject is its own")
    expect(header.sentDate(arrival: Moment(seconds: 0)).zone == 0, "sent date in UTC")
    let envelope = Envelope(header: header)
    _ = (envelope.from.sortText, envelope.from.displaySortText)
    let references = header.all("References").map(\.value)
    let ids = ThreadIdentifiers(header: header)
    expect(ids == ThreadIdentifiers(envelope: envelope, references: references), "identifiers of an envelope")
    for collation in Collation.allCases {
        let key = collation.key(of: text)
        expect(collation.key(of: key.octets) == key, "a key is its own")
        let pattern = SearchPattern(String(text.unicodeScalars.suffix(5)), collation)
        expect(pattern.isFound(in: key), "the end is found")
        _ = collation.key(of: input)
    }
}

/// What is written stays in its fields and is read back the same.
private func checkWriter(_ text: String, _ addresses: [NamedAddress], _ parameters: [DecodedParameter], raw: String) {
    var writer = HeaderWriter()
    writer.append("A", text: text)
    writer.append("B", text: raw)
    writer.append("C", raw: raw)
    writer.append("D", messageIDs: [raw])
    writer.append("E", value: raw, parameters: [])
    writer.finish()
    let names = HeaderFields(writer.bytes).map { String(lossy: $0.name) }
    expect(names == ["A", "B", "C", "D", "E"], "five fields")
    expect(MessageScanner.scan(writer.bytes).root.body.isEmpty, "one header")
    expect(EncodedWord.decode(EncodedWord.encode(text).utf8) == text, "text comes back")

    var list = HeaderWriter()
    list.append("To", addresses: addresses)
    let read = MessageHeader(list.bytes).to
    expect(read.count == addresses.count, "as many addresses")

    let value = parameters.first?.value ?? raw
    var type = HeaderWriter()
    type.append("Content-Type", value: "a/b", parameters: [DecodedParameter(name: "name", value: value)])
    if value.utf8.count * 3 < ScanLimits.standard.parameterLength, !value.contains("=?") {
        let back = MessageHeader(type.bytes).contentType?.parameter("name")
        expect(back == String(lossy: value.utf8.map { ASCII.isControl($0) ? ASCII.space : $0 }), "parameter comes back")
    }
}

private func checkEditor(_ header: [UInt8]) {
    var editor = HeaderEditor(header)
    let fields = HeaderFields(editor.bytes).filter { !$0.isNamed("Bcc") }.count
    editor.remove("Bcc")
    expect(!editor.contains("Bcc"), "removed")
    expect(HeaderFields(editor.bytes).reduce(0) { count, _ in count + 1 } == fields, "the others stay")
}
