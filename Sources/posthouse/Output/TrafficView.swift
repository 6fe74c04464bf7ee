internal import Engine
internal import Store

/// What an account has exchanged by IMAP today (UTC), and what its server lets it, in JSON and for people. A running
/// daemon writes its counts down every minute.
struct TrafficView: Encodable {
    /// One direction.
    struct Amount: Encodable {
        let octets: Int
        /// Octets; nil for no limit.
        let budget: Int?

        /// `1.2 GB of 2.5 GB`.
        var text: String {
            let used = Texts.octets(octets)
            return budget.map { "\(used) of \(Texts.octets($0))" } ?? used
        }

        var standing: BudgetStanding { BudgetStanding(used: octets, of: budget) }
    }

    /// `2026-11-28`.
    let day: String
    let download: Amount
    let upload: Amount

    /// The amount, with what follows from it.
    var downloadText: String {
        switch download.standing {
        case .ample: download.text
        case .scarce: "\(download.text); nothing is fetched ahead until 00:00 UTC"
        case .spent: "\(download.text); no more mail is fetched until 00:00 UTC"
        }
    }

    /// The same of the other direction.
    var uploadText: String {
        upload.standing < .spent ? upload.text : "\(upload.text); no more mail is saved until 00:00 UTC"
    }

    init(_ traffic: Traffic, on day: UTCDay, _ server: Server?) {
        self.day = day.description
        download = Amount(octets: traffic.received, budget: server?.dailyDownload)
        upload = Amount(octets: traffic.sent, budget: server?.dailyUpload)
    }
}
