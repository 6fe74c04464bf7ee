internal import Store
internal import Upstream

extension EngineError {
    /// What an upstream's failure means to a session.
    init(_ error: UpstreamError) {
        switch error {
        case .unreachable(let text), .connectionLost(let text): self = .unavailable(text)
        case .authenticationFailed:
            // The host's words are for the administrator's log; a user can do nothing about the account's password.
            self = .unavailable("the mail server refuses this account's sign-in; an administrator must look at it")
        case .refused(let code, let text):
            switch code?.uppercased() {
            case "OVERQUOTA": self = .overQuota(text)
            case "ALREADYEXISTS": self = .alreadyExists
            case "UNAVAILABLE": self = .unavailable(text)
            default: self = .refused(code: code, text: text)
            }
        case .local(let text): self = .storage(text)
        }
    }

    /// What a failure of the local files means to a session.
    init(_ error: StoreError) { self = .storage("\(error)") }
}
