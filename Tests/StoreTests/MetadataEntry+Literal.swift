import MailTypes

extension MetadataEntry: ExpressibleByStringLiteral {
    public init(stringLiteral text: String) {
        guard let entry = MetadataEntry(text) else { preconditionFailure("\(text) is no entry") }
        self = entry
    }
}
