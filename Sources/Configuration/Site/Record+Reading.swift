internal import MailTypes
internal import Rules
internal import Store
internal import YAML

extension Record {
    /// Reads one entry of `records`.
    init?(_ reader: MappingReader) {
        let kind = reader.required(
            "kind", .text("contact, organization, user, project, contract or a kind of your own", limit: 64))
        let name = reader.required("name", .text("the record's name", limit: 512))
        let addresses = reader.list("addresses", .address).map(\.value)
        let domains = reader.list("domains", .host).map { DomainName($0.value).text }
        let number = reader.value("number", .text("the record's number", limit: 64))
        reader.finish()
        guard let kind, let name else { return nil }
        self.init(kind: kind, name: name, addresses: addresses, domains: domains, number: number)
    }
}
