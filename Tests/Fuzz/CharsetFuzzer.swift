import MIME

/// Any octets under any label: the first line is the label.
@_cdecl("LLVMFuzzerTestOneInput")
package func fuzzCharset(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = octets(start, count)
    let label = input.prefix { $0 != 0x0A }
    let text = Charset(label: label).decode(input.dropFirst(label.count + 1))
    expect(text.utf8.count <= input.count * 8 + 8, "length")
    return 0
}
