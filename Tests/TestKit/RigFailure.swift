/// What a test could not do or did not see, with enough of the conversation to tell why.
package struct RigFailure: Error, CustomStringConvertible, Sendable {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}
