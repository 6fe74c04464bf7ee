internal import Loop
internal import Store

/// The messages that are being dealt with right now: of two sightings of one message the second waits for the first,
/// and then finds it in the journal.
final class Flights: Sendable {
    struct Key: Hashable, Sendable {
        let account: AccountID
        let identity: [UInt8]
    }

    /// A message in flight, until this is let go.
    final class Hold: Sendable {
        private let flights: Flights
        private let key: Key

        fileprivate init(_ flights: Flights, _ key: Key) {
            self.flights = flights
            self.key = key
        }

        deinit { flights.land(key) }
    }

    /// For each message in flight who waits for it.
    private let waiting = Locked<[Key: [UnsafeContinuation<Void, Never>]]>([:])

    /// Waits until nobody else deals with this message, and takes it.
    func take(_ account: AccountID, _ identity: [UInt8]) async -> Hold {
        let key = Key(account: account, identity: identity)
        await withUnsafeContinuation { continuation in
            let isFree = waiting.withLock { waiting in
                guard waiting[key] != nil else {
                    waiting[key] = []
                    return true
                }
                waiting[key]?.append(continuation)
                return false
            }
            if isFree { continuation.resume() }
        }
        return Hold(self, key)
    }

    /// How many messages are in flight.
    var count: Int { waiting.withLock { $0.count } }

    /// Hands the message to the next who waits, in the order they came.
    private func land(_ key: Key) {
        let next = waiting.withLock { waiting -> UnsafeContinuation<Void, Never>? in
            guard var queue = waiting[key], !queue.isEmpty else {
                waiting[key] = nil
                return nil
            }
            let next = queue.removeFirst()
            waiting[key] = queue
            return next
        }
        next?.resume()
    }
}
