package import Store

/// Which way octets go.
package enum TrafficDirection: String, CaseIterable, Hashable, Sendable {
    /// From the upstream.
    case download
    /// To it.
    case upload
}

/// How much of a daily byte budget is used up.
package enum BudgetStanding: Int, Comparable, Sendable {
    /// Everything goes.
    case ample
    /// Work that no client waits for stops, but for scanning.
    case scarce
    /// No message is fetched or saved any more today.
    case spent

    /// Percent of a budget that are for everything; what is beyond is for clients and the scanner.
    package static let ampleShare = 80

    /// - Parameter budget: octets, at least 1; nil for no limit.
    package init(used: Int, of budget: Int?) {
        guard let budget else {
            self = .ample
            return
        }
        // In two steps, since any number may stand in the store.
        let share = budget / 100 * Self.ampleShare + budget % 100 * Self.ampleShare / 100
        self = used >= budget ? .spent : used >= share ? .scarce : .ample
    }

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

extension Server {
    /// Octets that each account may exchange in this direction in a day; nil for no limit.
    package func dailyBudget(_ direction: TrafficDirection) -> Int? {
        switch direction {
        case .download: dailyDownload
        case .upload: dailyUpload
        }
    }

    var hasDailyBudget: Bool { dailyDownload != nil || dailyUpload != nil }
}

extension Traffic {
    package subscript(_ direction: TrafficDirection) -> Int {
        switch direction {
        case .download: received
        case .upload: sent
        }
    }
}

/// What was told of an account's budgets, so that nothing is told twice in a day.
package struct BudgetNotices: Sendable {
    /// What is to be told now.
    package enum Notice: Hashable, Sendable {
        /// A standing above `.ample` was reached.
        case reached(BudgetStanding)
        /// More goes again: another day has begun, or the budget is larger now.
        case reopened
    }

    private struct Told {
        let day: UTCDay
        let standing: BudgetStanding
    }
    private var told: [TrafficDirection: Told] = [:]

    package init() {}

    /// Takes over where it stood when the program began, untold.
    package mutating func adopt(_ standing: BudgetStanding, _ direction: TrafficDirection, on day: UTCDay) {
        told[direction] = Told(day: day, standing: standing)
    }

    /// What is to be told of this standing.
    package mutating func note(
        _ standing: BudgetStanding, _ direction: TrafficDirection, on day: UTCDay
    ) -> [Notice] {
        let last = told[direction] ?? Told(day: day, standing: .ample)
        told[direction] = Told(day: day, standing: standing)
        var notices: [Notice] = []
        if last.standing > .ample, last.day != day || standing < last.standing { notices.append(.reopened) }
        if standing > (last.day == day ? last.standing : .ample) { notices.append(.reached(standing)) }
        return notices
    }
}
