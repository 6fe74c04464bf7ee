package import MailTypes

/// Takes the messages of `fetchBodies`. What it throws ends the fetch.
package protocol BodySink: AnyObject {
    func begin(_ uid: UID, size: UInt64) async throws(UpstreamError)
    func take(_ bytes: [UInt8]) async throws(UpstreamError)
    /// - Parameter internalDate: when the server gave it.
    func end(internalDate: Moment?) async throws(UpstreamError)
}
