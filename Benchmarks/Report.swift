/// What was measured, held against what it has to be.
struct Report {
    private(set) var missed: [String] = []

    /// A line of explanation.
    func say(_ text: String) { Output.write(text) }

    /// Something that could not be measured.
    mutating func fail(_ name: String) { missed.append(name) }

    /// Rates of interleaved rounds, ours against the peer's, and their ratio, which has to be at least `target`.
    mutating func ratio(_ name: String, unit: String, ours: [Double], peer: [Double], peerName: String, target: Double)
    {
        let ratio = median(ours) / max(median(peer), .leastNonzeroMagnitude)
        let isMet = ratio >= target
        Output.write(
            "\(name): posthouse \(median(ours).text()) \(unit), \(peerName) \(median(peer).text()) \(unit): "
                + "ratio \(ratio.text(2)) (at least \(target.text(2))) \(isMet ? "ok" : "MISSED")")
        Output.write("  rounds: posthouse \(ours.map { $0.text() }) \(peerName) \(peer.map { $0.text() })")
        if !isMet { missed.append(name) }
    }

    /// Times in milliseconds of interleaved rounds, ours against the peer's; their ratio may be at most `target`.
    mutating func time(_ name: String, ours: [Double], peer: [Double], peerName: String, target: Double) {
        let ratio = median(ours) / max(median(peer), .leastNonzeroMagnitude)
        let isMet = ratio <= target
        Output.write(
            "\(name): posthouse \(median(ours).text(1)) ms, \(peerName) \(median(peer).text(1)) ms: "
                + "ratio \(ratio.text(2)) (at most \(target.text(2))) \(isMet ? "ok" : "MISSED")")
        Output.write("  rounds: posthouse \(ours.map { $0.text(1) }) \(peerName) \(peer.map { $0.text(1) })")
        if !isMet { missed.append(name) }
    }

    /// A value that has to be at least `limit`.
    mutating func atLeast(_ name: String, _ value: Double, _ limit: Double, unit: String) {
        let isMet = value >= limit
        Output.write("\(name): \(value.text()) \(unit) (at least \(limit.text())) \(isMet ? "ok" : "MISSED")")
        if !isMet { missed.append(name) }
    }

    /// A value that may be at most `limit`.
    mutating func atMost(_ name: String, _ value: Double, _ limit: Double, unit: String, digits: Int = 1) {
        let isMet = value <= limit
        Output.write(
            "\(name): \(value.text(digits)) \(unit) (at most \(limit.text(digits))) \(isMet ? "ok" : "MISSED")")
        if !isMet { missed.append(name) }
    }
}
