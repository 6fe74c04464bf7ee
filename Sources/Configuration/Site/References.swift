internal import YAML

/// Names that objects of a site give one another, resolved when all of it is read.
struct References {
    enum Kind: String {
        case user, group, server, account

        var article: String { self == .account ? "an" : "a" }
        /// The section that they are described in.
        var section: String { rawValue + "s" }
    }

    private struct Reference {
        let kind: Kind
        let name: Located<String>
        let setting: String
    }

    private var outside: Site.Outside
    private let problems: ProblemList
    /// As they are written, by their lower-case form.
    private var defined: [Kind: [String: Located<String>]] = [:]
    private var references: [Reference] = []

    init(outside: Site.Outside, problems: ProblemList) {
        self.outside = outside
        self.problems = problems
    }

    /// Notes an object; false, and reported, when it can't have this name.
    mutating func define(_ kind: Kind, _ name: Located<String>) -> Bool {
        let setting = "\(kind.section).\(name.value)"
        if let fault = ObjectName.fault(in: name.value) {
            problems.report(
                at: name.position, setting: setting, "the name \(fault)", remedy: ObjectName.advice)
            return false
        }
        if let first = defined[kind, default: [:]].updateValue(name, forKey: name.value.lowercased()) {
            problems.report(
                at: name.position, setting: setting,
                "names compare without case, and `\(first.value)` stands in line \(first.position.line)",
                remedy: "Remove or rename one of the two.")
            return false
        }
        return true
    }

    /// Notes that `name` is meant to be an object.
    mutating func refer(to kind: Kind, _ name: Located<String>, setting: String) {
        references.append(Reference(kind: kind, name: name, setting: setting))
    }

    /// Reports each name that no object has.
    func resolve() {
        for reference in references {
            let kind = reference.kind
            let key = reference.name.value.lowercased()
            let known = defined[kind] ?? [:]
            guard known[key] == nil, !names(of: kind).contains(key) else { continue }
            let nearest = Suggestion.nearest(to: key, among: known.values.map(\.value) + names(of: kind))
            problems.report(
                at: reference.name.position, setting: reference.setting,
                "there is no \(kind.rawValue) `\(reference.name.value)`",
                remedy: nearest.map { "Did you mean `\($0)`?" }
                    ?? "Describe \(kind.article) \(kind.rawValue) of this name under `\(kind.section)`, "
                    + "or make one with `posthouse \(kind.rawValue) add`.")
        }
    }

    private func names(of kind: Kind) -> Set<String> {
        switch kind {
        case .user: outside.users
        case .group: outside.groups
        case .server: outside.servers
        case .account: outside.accounts
        }
    }
}
