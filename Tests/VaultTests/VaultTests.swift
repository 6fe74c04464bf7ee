import Glibc
import SASL
import Testing
import Vault

@Suite struct SealingTests {
    private static func vault(_ byte: UInt8 = 1) throws -> Vault {
        try Vault(masterKey: Secret([UInt8](repeating: byte, count: 32)))
    }

    private static func seal(_ plain: [UInt8], _ context: String, _ vault: Vault) throws -> [UInt8] {
        try plain.withUnsafeBytes { try vault.seal($0, context: context) }
    }

    private static func open(_ sealed: [UInt8], _ context: String, _ vault: Vault) throws -> [UInt8] {
        try sealed.withUnsafeBytes { try vault.open($0, context: context) }
    }

    @Test(arguments: [0, 1, 15, 16, 17, 4096, 65_536, 1_000_000])
    func whatIsSealedOpensUnderItsContext(size: Int) throws {
        let vault = try Self.vault()
        let plain = (0..<size).map { UInt8(truncatingIfNeeded: $0) }
        let sealed = try Self.seal(plain, "table/1/column", vault)
        #expect(sealed.count == size + 33)
        #expect(try Self.open(sealed, "table/1/column", vault) == plain)
        #expect(throws: VaultError.damaged) { try Self.open(sealed, "table/2/column", vault) }
        #expect(throws: VaultError.damaged) { try Self.open(sealed, "", vault) }
    }

    @Test func everyChangedOrMissingOctetIsNoticed() throws {
        let vault = try Self.vault()
        let sealed = try Self.seal(Array("attack at dawn".utf8), "x", vault)
        for place in sealed.indices {
            var changed = sealed
            changed[place] ^= 1
            #expect(throws: VaultError.self) { try Self.open(changed, "x", vault) }
        }
        for length in sealed.indices {
            #expect(throws: VaultError.self) { try Self.open(Array(sealed.prefix(length)), "x", vault) }
        }
        #expect(throws: VaultError.damaged) { try Self.open(sealed + [0], "x", vault) }
    }

    @Test func noTwoSealsAreAlike() throws {
        let vault = try Self.vault()
        let seals = try (0..<200).map { _ in try Self.seal([1, 2, 3], "x", vault) }
        #expect(Set(seals).count == 200)
        #expect(Set(seals.map { Array($0[5..<17]) }).count == 200)
    }

    @Test func anotherMasterKeyIsToldFromDamage() throws {
        let sealed = try Self.seal([1], "x", Self.vault(1))
        let other = try Self.vault(2)
        #expect(throws: VaultError.otherKey) { try Self.open(sealed, "x", other) }
        #expect(other.keyIdentifier != (try Self.vault(1)).keyIdentifier)
        #expect(try Self.open(sealed, "x", Self.vault(1)) == [1])
    }

    @Test func aSealedSecretCanNotBeOpenedAsAContent() throws {
        let vault = try Self.vault()
        let secret = Secret(text: "hunter2")
        let sealed = try vault.seal(secret, context: "accounts/support/secret")
        #expect(throws: VaultError.damaged) { try Self.open(sealed, "accounts/support/secret", vault) }
        func holds(_ text: String, _ context: String) -> Bool {
            vault.holds(Secret(text: text), sealed: sealed, context: context)
        }
        #expect(holds("hunter2", "accounts/support/secret"))
        #expect(!holds("hunter3", "accounts/support/secret") && !holds("hunter", "accounts/support/secret"))
        #expect(!holds("hunter2", "accounts/other/secret"))
    }

    @Test func theVaultSignsInWithTheSealedSecret() throws {
        let vault = try Self.vault()
        let sealed = try vault.seal(Secret(text: "hunter2"), context: "c")
        let client = try vault.client(
            sealed: sealed, context: "c", offered: ["PLAIN"], service: "imap", host: "localhost", login: "support",
            mayShowPassword: true)
        #expect(try client.start() == Array("\0support\0hunter2".utf8))
        #expect(throws: VaultError.damaged) {
            _ = try vault.client(
                sealed: sealed, context: "d", offered: ["PLAIN"], service: "imap", host: "localhost",
                login: "support", mayShowPassword: true)
        }
        #expect(throws: VaultError.exchange(.plaintextRefused)) {
            _ = try vault.client(
                sealed: sealed, context: "c", offered: ["PLAIN"], service: "imap", host: "localhost",
                login: "support", mayShowPassword: false)
        }
    }

    @Test func macsDifferByPurposeMessageAndKey() throws {
        let vault = try Self.vault()
        let mac = vault.mac("ticket token", [1, 2])
        #expect(mac.count == 32 && mac == vault.mac("ticket token", [1, 2]))
        #expect(mac != vault.mac("message id", [1, 2]))
        #expect(mac != vault.mac("ticket token", [1, 3]))
        #expect(mac != (try Self.vault(2)).mac("ticket token", [1, 2]))
        #expect(vault.isMAC(mac, "ticket token", of: [1, 2]))
        #expect(vault.isMAC(Array(mac.prefix(4)), "ticket token", of: [1, 2]))
        #expect(!vault.isMAC(Array(mac.prefix(3)), "ticket token", of: [1, 2]))
        #expect(!vault.isMAC([], "ticket token", of: [1, 2]))
        #expect(!vault.isMAC(mac, "ticket token", of: [1, 3]))
    }

    @Test func aSecretIsNeverPrinted() throws {
        let secret = Secret(text: "hunter2")
        let (text, count, isEmpty) = (secret.description, secret.count, secret.isEmpty)
        #expect(text == "<redacted>" && count == 7 && !isEmpty)
        let none = Secret(text: "").isEmpty
        #expect(none)
    }
}

@Suite struct MasterKeyTests {
    @Test func aMissingKeyFileIsMadeForItsOwnerAlone() throws {
        let scratch = Scratch()
        let first = try Vault.open(keyFile: scratch.file("key"), credentialsDirectory: nil)
        #expect(scratch.mode(of: "key") == 0o600)
        let second = try Vault.open(keyFile: scratch.file("key"), credentialsDirectory: nil)
        #expect(first.keyIdentifier == second.keyIdentifier)
        let other = try Vault.open(keyFile: scratch.file("other"), credentialsDirectory: nil)
        #expect(first.keyIdentifier != other.keyIdentifier)
    }

    @Test(arguments: [0o640, 0o604, 0o620, 0o660, 0o644] as [mode_t])
    func aKeyFileThatOthersReachIsRefused(mode: mode_t) throws {
        let scratch = Scratch()
        _ = try Vault.open(keyFile: scratch.file("key"), credentialsDirectory: nil)
        chmod(scratch.file("key"), mode)
        #expect(throws: VaultError.keyFileExposed(path: scratch.file("key"), mode: mode)) {
            _ = try Vault.open(keyFile: scratch.file("key"), credentialsDirectory: nil)
        }
    }

    @Test(arguments: ["", "AAAA", "not base 64 at all!", String(repeating: "A", count: 4000)])
    func whatIsNoKeyIsRefused(content: String) throws {
        let scratch = Scratch()
        scratch.write(content, to: "key")
        #expect(throws: VaultError.keyFileMalformed(path: scratch.file("key"))) {
            _ = try Vault.open(keyFile: scratch.file("key"), credentialsDirectory: nil)
        }
    }

    @Test func aKeyThatCanNotBeMadeIsReported() throws {
        let scratch = Scratch()
        #expect(
            throws: VaultError.keyFile(path: scratch.file("no/key"), reason: String(cString: strerror(ENOENT)))
        ) { _ = try Vault.open(keyFile: scratch.file("no/key"), credentialsDirectory: nil) }
    }

    @Test func theCredentialGoesBeforeTheFile() throws {
        let scratch = Scratch()
        let fromFile = try Vault.open(keyFile: scratch.file("key"), credentialsDirectory: scratch.path)
        let made = try Vault.open(keyFile: scratch.file(Vault.credentialName), credentialsDirectory: nil)
        // systemd mounts credentials readable for the service by other means than the mode's last bits.
        chmod(scratch.file(Vault.credentialName), 0o440)
        let fromCredential = try Vault.open(keyFile: scratch.file("key"), credentialsDirectory: scratch.path)
        #expect(fromCredential.keyIdentifier == made.keyIdentifier)
        #expect(fromFile.keyIdentifier != made.keyIdentifier)
    }
}
