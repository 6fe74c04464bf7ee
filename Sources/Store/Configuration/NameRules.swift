/// What names of users, groups, servers and accounts may look like.
enum NameRules {
    /// UTF-8 octets.
    static let limit = 128

    /// Refuses a name that can't stand in a sign-in (`support*alice`), in a mailbox name, or in a list.
    static func check(_ name: String, _ kind: StoreError.Kind) throws(StoreError) {
        func refuse(_ reason: String) throws(StoreError) -> Never {
            throw .invalid(kind, String(name.prefix(limit)), reason: reason)
        }
        if name.isEmpty { try refuse("the name is empty") }
        if name.utf8.count > limit { try refuse("the name is longer than \(limit) octets") }
        if name.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) { try refuse("the name has control characters") }
        if name.contains(where: { "*%/".contains($0) }) { try refuse("the name has one of * % /") }
        if name.first == " " || name.last == " " { try refuse("the name begins or ends with a space") }
    }
}

extension String {
    /// The form under which names are compared.
    var nameKey: String { lowercased() }
}
