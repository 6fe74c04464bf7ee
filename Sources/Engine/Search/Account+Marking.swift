internal import Loop
internal import MIME
internal import MailTypes
internal import Store

/// Filling the index by which texts are found, behind everybody's back: of bodies that come into the cache, and of those
/// that were there before there was an index.
extension Account {
    /// Bodies whose fingerprints are made and kept together, and octets; one body may be longer.
    static let markingBatch = 32
    static let markingOctets = 4 << 20

    /// How long it rests after a batch, in times of what that took: at most a quarter of one processor is spent on it.
    static let markingRest = 3

    /// Makes fingerprints for as long as the account lives, with a rest after each batch: people wait for what else the
    /// machine has to do, and for this nobody does.
    func runMarking() async {
        while !isRetired {
            let begin = loop.now
            if await markNext() {
                _ = await markingSignal.next(of: .shutdown, until: loop.now + (loop.now - begin) * Self.markingRest)
            } else {
                _ = await markingSignal.next()
            }
        }
    }

    /// False when there is nothing to do, or the cache has failed.
    private func markNext() async -> Bool {
        do throws(StoreError) {
            let bodies = try await services.cache.unmarkedBodies(
                of: id, count: Self.markingBatch, octets: Self.markingOctets)
            guard !bodies.isEmpty else { return false }
            var texts: [BodyID: GatheredText] = [:]
            for unmarked in bodies {
                guard let body = body(unmarked.body, unmarked.parts, unmarked.octets) else { continue }
                texts[unmarked.body.id] = try? await GatheredText(of: body)
            }
            let gathered = texts
            let made: [BodyID: TextFingerprint]
            do throws(LoopError) {
                made = try await services.pool.perform { gathered.mapValues { $0.folded.fingerprint } }
            } catch { return false }
            // Of what can't be read nothing is known; else it would be tried for ever.
            let all = bodies.map { ($0.body.id, made[$0.body.id] ?? .unknown) }
            try await services.cache.save(Dictionary(all) { first, _ in first })
            return true
        } catch {
            noteCacheFailure(error)
            return false
        }
    }
}
