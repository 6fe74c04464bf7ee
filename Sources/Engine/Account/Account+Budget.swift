internal import Loop
internal import Store

/// Keeping below what the provider lets the account exchange by IMAP in a day (UTC). A budget is overrun by the messages
/// that are under way when it is used up, and by what goes on after that: flags, lists, headers, IDLE.
extension Account {
    /// How much of today's budget is used up, with what has passed on every connection up to now.
    func standing(_ direction: TrafficDirection) -> BudgetStanding { standing(direction, on: traffic.today) }

    private func standing(_ direction: TrafficDirection, on day: UTCDay) -> BudgetStanding {
        guard let budget = server.dailyBudget(direction) else { return .ample }
        for line in lines { line.countOctets() }
        return BudgetStanding(used: traffic.total(on: day)[direction], of: budget)
    }

    /// - Throws: `.overBudget` when no more messages go in this direction today.
    func demandBudget(_ direction: TrafficDirection) throws(EngineError) {
        guard standing(direction) < .spent else { throw .overBudget(direction) }
    }

    /// Tells the log, once a day, how the budgets stand, and lets go on what was held back before.
    func noteBudgets() {
        for line in lines { line.countOctets() }
        let day = traffic.today
        for direction in TrafficDirection.allCases {
            let standing = standing(direction, on: day)
            for notice in budgetNotices.note(standing, direction, on: day) { tell(notice, direction, on: day) }
        }
    }

    private func tell(_ notice: BudgetNotices.Notice, _ direction: TrafficDirection, on day: UTCDay) {
        let budget = server.dailyBudget(direction) ?? 0
        let octets = traffic.total(on: day)[direction]
        switch notice {
        case .reached(.spent):
            log.warning(
                "a daily byte budget is used up",
                ["direction": direction.rawValue, "octets": octets, "budget": budget, "day": day])
        case .reached:
            log.warning(
                "a daily byte budget is nearly used up",
                ["direction": direction.rawValue, "octets": octets, "budget": budget, "day": day])
        case .reopened:
            log.info("a daily byte budget is open again", ["direction": direction.rawValue, "day": day])
            arrivalSignal.raise(.work)
        }
    }
}
