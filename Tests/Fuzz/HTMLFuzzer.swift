import MIME

/// HTML made harmless stays as it is when it is made harmless again, and no word of what is forbidden is in it.
@_cdecl("LLVMFuzzerTestOneInput")
package func fuzzHTML(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let html = String(decoding: octets(start, count), as: UTF8.self)
    let once = HTML.sanitised(html)
    expect(HTML.sanitised(once) == once, "stable")
    let tags = once.utf8.split(separator: UInt8(ascii: "<")).dropFirst(once.utf8.first == UInt8(ascii: "<") ? 0 : 1)
    for tag in tags {
        let inside = String(decoding: tag.prefix { $0 != UInt8(ascii: ">") }, as: UTF8.self)
        let name = inside.drop { $0 == "/" }.prefix { $0.isLetter || $0.isNumber }
        expect(!["script", "style", "iframe", "svg", "math", "form", "input", "object"].contains(name), "name \(name)")
        let attributes = inside.split(separator: "\"", omittingEmptySubsequences: false)
        for (place, piece) in attributes.enumerated() where place.isMultiple(of: 2) {
            expect(!piece.contains(" on"), "handler")
        }
    }
    let text = HTML.text(html)
    expect(text.utf8.count <= html.utf8.count * 3 + 16, "text length")
    return 0
}
