internal import FoundationEssentials
package import MailTypes
package import SQLite

/// Values as JSON text, keys sorted so that equal values are equal text.
enum JSONText {
    static func encode(_ value: some Encodable) throws(StoreError) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return String(decoding: try encoder.encode(value), as: UTF8.self)
        } catch { throw .damaged("a value has no JSON form") }
    }

    static func decode<Value: Decodable>(
        _ type: Value.Type, _ text: String, _ place: @autoclosure () -> String
    ) throws(StoreError) -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(text.utf8))
        } catch { throw .damaged("\(place()) is no JSON of its type") }
    }

    static func addresses(_ text: String, _ place: @autoclosure () -> String) throws(StoreError) -> [EmailAddress] {
        try decode([String].self, text, place()).compactMap { EmailAddress($0) }
    }
}

extension StoreError: DatabaseFailure {
    package init(_ failure: SQLiteError) { self = .database(failure) }
}

/// The queries of this target: SQLite's failures become the store's.
extension Connection {
    @discardableResult
    func run(_ sql: String, _ values: (any Bindable)...) throws(StoreError) -> Int {
        do throws(SQLiteError) { return try execute(sql, values) } catch { throw .database(error) }
    }

    func list<Element>(
        _ sql: String, _ values: (any Bindable)..., read: (borrowing Row) throws(StoreError) -> Element
    ) throws(StoreError) -> [Element] {
        try list(sql, all: values, read: read)
    }

    func list<Element>(
        _ sql: String, all values: [any Bindable], read: (borrowing Row) throws(StoreError) -> Element
    ) throws(StoreError) -> [Element] {
        var elements: [Element] = []
        var failure: StoreError?
        do throws(SQLiteError) {
            let statement = try prepare(sql)
            try statement.bind(all: values)
            while failure == nil, try statement.step() {
                do throws(StoreError) { elements.append(try read(statement.row)) } catch { failure = error }
            }
        } catch { throw .database(error) }
        if let failure { throw failure }
        return elements
    }

    func first<Element>(
        _ sql: String, _ values: (any Bindable)..., read: (borrowing Row) throws(StoreError) -> Element
    ) throws(StoreError) -> Element? {
        var result: Result<Element, StoreError>?
        do throws(SQLiteError) {
            let statement = try prepare(sql)
            try statement.bind(all: values)
            if try statement.step() {
                do throws(StoreError) { result = .success(try read(statement.row)) } catch { result = .failure(error) }
            }
        } catch { throw .database(error) }
        return try result?.get()
    }

    /// The first column of the first row as a number.
    func integer(_ sql: String, _ values: (any Bindable)...) throws(StoreError) -> Int64? {
        do throws(SQLiteError) { return try number(sql, values) } catch { throw .database(error) }
    }
}

extension Row {
    func moment(_ column: Int) -> Moment { Moment(seconds: integer(column)) }
    func momentOrNil(_ column: Int) -> Moment? { integerOrNil(column).map { Moment(seconds: $0) } }
    func identifier<Subject>(_ column: Int) -> Identifier<Subject> { Identifier(rawValue: integer(column)) }
    func identifierOrNil<Subject>(_ column: Int) -> Identifier<Subject>? {
        integerOrNil(column).map { Identifier(rawValue: $0) }
    }

    /// The word's value; a word of a later version reads as damaged.
    func word<Value: RawRepresentable<String>>(_ type: Value.Type, _ column: Int) throws(StoreError) -> Value {
        guard let value = Value(rawValue: text(column)) else { throw .damaged("\(type): unknown word") }
        return value
    }

    func digestOrNil(_ column: Int) -> ContentDigest? { blobOrNil(column).flatMap { ContentDigest($0) } }
}

extension Identifier: Bindable {
    package func bind(to statement: borrowing Statement, at index: Int) throws(SQLiteError) {
        try statement.bind(rawValue, at: index)
    }
}

extension Moment: Bindable {
    /// Seconds since 1970; the zone is kept where it matters, in a column of its own.
    package func bind(to statement: borrowing Statement, at index: Int) throws(SQLiteError) {
        try statement.bind(seconds, at: index)
    }
}

extension ContentDigest: Bindable {
    package func bind(to statement: borrowing Statement, at index: Int) throws(SQLiteError) {
        try statement.bind(octets, at: index)
    }
}
