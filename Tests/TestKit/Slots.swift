internal import Foundation

/// Lets so many in at a time; the others wait in order. Keeps a machine of two cores from starting fifty mail servers.
package actor Slots {
    /// What the tests with real servers share: twice as many at a time as there are cores, since most of them wait for a
    /// peer most of the time; at least four and at most eight. A test that holds a place never waits for a second one.
    package static let servers = Slots(min(max(2 * ProcessInfo.processInfo.activeProcessorCount, 4), 8))

    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    /// `count` may be inside at once.
    package init(_ count: Int) {
        free = count
    }

    /// Waits for a place, and gives it back when `body` has ended, however it ended.
    package nonisolated func hold<Result>(_ body: () async throws -> Result) async throws -> Result {
        await enter()
        do {
            let result = try await body()
            await leave()
            return result
        } catch {
            await leave()
            throw error
        }
    }

    /// Waits for a place.
    package func enter() async {
        if free > 0 {
            free -= 1
        } else {
            await withCheckedContinuation { waiting.append($0) }
        }
    }

    /// Gives the place to whoever waits longest.
    package func leave() {
        if waiting.isEmpty {
            free += 1
        } else {
            waiting.removeFirst().resume()
        }
    }
}
