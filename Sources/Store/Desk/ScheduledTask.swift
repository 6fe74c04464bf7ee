package import MailTypes

/// A scheduled job.
package struct ScheduledTask: Hashable, Sendable {
    /// Unique: `receive/support`, `tidy`, …
    package var name: String
    /// Seconds between runs, at least 1.
    package var period: Int
    package var isActive: Bool
    package var nextRun: Moment
    package var lastRun: Moment?
    /// Until when a run has it to itself; a crash lets it go by this time.
    package var leasedUntil: Moment?

    package init(name: String, period: Int, isActive: Bool = true, nextRun: Moment) {
        self.name = name
        self.period = period
        self.isActive = isActive
        self.nextRun = nextRun
    }
}

/// One pass of a scheduled job.
package struct TaskRun: Hashable, Sendable {
    package enum Status: String, Sendable, CaseIterable {
        case running, done, failed
        /// It never ended: its lease ran out.
        case lost
    }

    package var task: String
    package var started: Moment
    package var ended: Moment?
    package var status: Status
    /// What it did, by name: `messages`, `tickets`, …
    package var counts: [String: Int]
    package var error: String?

    package init(task: String, started: Moment) {
        self.task = task
        self.started = started
        status = .running
        counts = [:]
    }
}
