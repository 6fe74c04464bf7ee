package import Store
package import YAML

/// What `site.yaml` describes: the objects, and where their secrets are to be read.
package struct Site: Sendable {
    /// The file this was read from.
    package var file: String
    package var description: SiteDescription
    /// By account, in lower case: the file whose first line is the upstream password.
    package var passwordFiles: [String: Located<String>]

    /// All of it as it is written, for the places of its values.
    package var tree: Node

    /// Objects that a site may refer to although it does not describe them, all in lower case: those that
    /// were made by command.
    package struct Outside: Sendable {
        package var users: Set<String> = []
        package var groups: Set<String> = []
        package var servers: Set<String> = []
        package var accounts: Set<String> = []

        package init() {}

        package init(_ directory: Directory) {
            func names<Value>(_ list: [Stored<Value>], _ name: (Value) -> String) -> Set<String> {
                Set(list.filter { $0.origin == .command }.map { name($0.value).lowercased() })
            }
            users = names(directory.users) { $0.name }
            groups = names(directory.groups) { $0.name }
            servers = names(directory.servers) { $0.name }
            accounts = names(directory.accounts) { $0.name }
        }
    }
}
