package import Store
package import Vault

/// The vault as the store and the cache ask for it.
package struct VaultSealing: Sealing {
    private let vault: Vault

    package init(_ vault: Vault) { self.vault = vault }

    package func seal(_ plain: UnsafeRawBufferPointer, context: String) throws(SealingError) -> [UInt8] {
        do throws(VaultError) { return try vault.seal(plain, context: context) } catch { throw SealingError(error) }
    }

    package func open(_ sealed: UnsafeRawBufferPointer, context: String) throws(SealingError) -> [UInt8] {
        do throws(VaultError) { return try vault.open(sealed, context: context) } catch { throw SealingError(error) }
    }
}

extension SealingError {
    fileprivate init(_ error: VaultError) {
        switch error {
        case .otherKey: self = .otherKey
        case .damaged: self = .damaged
        default: self = .failed
        }
    }
}
