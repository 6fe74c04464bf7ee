/// A value of a response that came, but for which `NIL` may stand: that a message has no preview is not the same as
/// that none was sent.
package enum NilOr<Value> {
    case `nil`
    case value(Value)

    /// From a value that is nil for `NIL`.
    package init(_ value: Value?) { self = value.map { .value($0) } ?? .nil }

    /// Nil for `NIL`.
    package var value: Value? {
        switch self {
        case .nil: nil
        case .value(let value): value
        }
    }
}

extension NilOr: Equatable where Value: Equatable {}
extension NilOr: Hashable where Value: Hashable {}
extension NilOr: Sendable where Value: Sendable {}
