internal import Foundation

/// How much the long tests do: little in the ordinary run, everything when `scripts/prove` asks for it.
package enum Effort {
    /// Whether `POSTHOUSE_EFFORT=full` is in the environment.
    package static let isFull = ProcessInfo.processInfo.environment["POSTHOUSE_EFFORT"] == "full"
}
