/// The number of one stored object; of `Subject`'s kind alone, so that a user's can't be taken for an account's.
package struct Identifier<Subject>: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
    package let rawValue: Int64
    package init(rawValue: Int64) { self.rawValue = rawValue }
    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    package var description: String { String(rawValue) }
}

package typealias UserID = Identifier<User>
package typealias GroupID = Identifier<Group>
package typealias ServerID = Identifier<Server>
package typealias AccountID = Identifier<AccountRecord>
package typealias GrantID = Identifier<Grant>
package typealias ScannerID = Identifier<Scanner>
package typealias RecordID = Identifier<Record>
package typealias EmailID = Identifier<Email>
package typealias JournalID = Identifier<JournalEntry>
package typealias OutboxID = Identifier<OutboxEntry>
package typealias RunID = Identifier<TaskRun>
/// The number people see: it grows strictly and is never used again.
package typealias TicketNumber = Identifier<Ticket>

/// Who an object belongs to: what the site file describes can't be changed from anywhere else.
package enum Origin: String, Sendable, CaseIterable {
    /// `conf/site.yaml`.
    case site
    /// The command line, the console, an import.
    case command
}

/// A value as it stands in the store, with its number and origin. The value's own properties read through.
@dynamicMemberLookup
package struct Stored<Value: Sendable>: Sendable {
    package let id: Identifier<Value>
    package let origin: Origin
    package var value: Value

    package init(id: Identifier<Value>, origin: Origin, value: Value) {
        self.id = id
        self.origin = origin
        self.value = value
    }

    package subscript<Property>(dynamicMember path: KeyPath<Value, Property>) -> Property { value[keyPath: path] }
}

extension Stored: Equatable where Value: Equatable {}
extension Stored: Hashable where Value: Hashable {}
