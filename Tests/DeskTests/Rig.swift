import Store

/// Sealing that hides nothing.
struct OpenSealing: Sealing {
    func seal(_ plain: UnsafeRawBufferPointer, context: String) throws(SealingError) -> [UInt8] { Array(plain) }
    func open(_ sealed: UnsafeRawBufferPointer, context: String) throws(SealingError) -> [UInt8] { Array(sealed) }
}
