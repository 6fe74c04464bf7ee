/// The input of one run as an array.
func octets(_ start: UnsafePointer<UInt8>?, _ count: Int) -> [UInt8] {
    Array(UnsafeBufferPointer(start: start, count: count))
}

/// Ends the run, and so reports the input, when something does not hold that always should.
func expect(_ holds: Bool, _ what: String) {
    if !holds { fatalError(what) }
}
