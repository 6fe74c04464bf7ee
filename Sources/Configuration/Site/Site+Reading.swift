internal import MailTypes
internal import Rules
internal import Store
package import YAML

extension Site {
    /// Reads the root of a site file. Everything wrong is in `problems`; what is wrong is left out.
    /// Relative paths begin at `directory`.
    package init(
        _ root: Node, file: String, directory: String, outside: Outside = Outside(), problems: ProblemList
    ) {
        let reader = MappingReader(root, problems: problems)
        var references = References(outside: outside, problems: problems)
        self.file = file
        tree = root
        description = SiteDescription()
        passwordFiles = [:]
        // An object that can't have its name is read all the same, so that its other mistakes are found too.
        description.users = reader.objects("users").compactMap { name, fields in
            let isDefined = references.define(.user, name)
            let user = User(name.value, fields)
            return isDefined ? user : nil
        }
        description.groups = reader.objects("groups").compactMap { name, fields in
            let isDefined = references.define(.group, name)
            let group = Group(name.value, fields, &references)
            return isDefined ? group : nil
        }
        description.servers = reader.objects("servers").compactMap { name, fields in
            let isDefined = references.define(.server, name)
            let server = Server(name.value, fields, directory: directory)
            return isDefined ? server : nil
        }
        for (name, fields) in reader.objects("accounts") {
            let isDefined = references.define(.account, name)
            let passwordFile = fields.located("password-file", .path(from: directory))
            guard let account = AccountRecord(name.value, fields, &references), isDefined else { continue }
            description.accounts.append(account)
            passwordFiles[name.value.lowercased()] = passwordFile
        }
        description.grants = reader.sections("grants").compactMap { Grant($0, &references) }
        for (name, fields) in reader.objects("scanners") {
            references.refer(to: .account, name, setting: fields.path)
            let rules = ScannerRules(fields) { assignee, setting in
                references.refer(to: .user, assignee, setting: setting)
            }
            description.scanners.append(Scanner(account: name.value, rules: rules))
        }
        description.exceptions = reader.section("exceptions").map { Exceptions($0) } ?? .none
        description.records = reader.sections("records").compactMap { Record($0) }
        reader.finish()
        references.resolve()
        Self.reportSharedAddresses(description, reader: reader)
        Self.reportGrantsOnPrivateAccounts(description, reader: reader)
    }

    /// Mail from an address that two users claim could be either's.
    private static func reportSharedAddresses(_ site: SiteDescription, reader: MappingReader) {
        var owners: [EmailAddress: String] = [:]
        for user in site.users {
            for address in user.addresses {
                if let other = owners.updateValue(user.name, forKey: address), other != user.name {
                    reader.report(
                        "users", "\(address) is an address of both \(other) and \(user.name)",
                        remedy: "Leave it with one of them.")
                }
            }
        }
    }

    private static func reportGrantsOnPrivateAccounts(_ site: SiteDescription, reader: MappingReader) {
        for account in site.accounts {
            guard case .private(let owner) = account.kind else { continue }
            for grant in site.grants where grant.account.lowercased() == account.name.lowercased() {
                reader.report(
                    "grants", "\(account.name) is private to \(owner), so nobody can be granted it",
                    remedy: "Remove the grant, or make the account `kind: corporate`.")
            }
        }
    }
}
