internal import HTTPClient
internal import TokenSyntax

extension BearerTokens.Services {
    /// What the issuer publishes about itself, at the first of its places that has it.
    func metadata(of issuer: IssuerDescription) async throws(IssuerFault) -> IssuerMetadata {
        var first: HTTPError?
        for address in issuer.metadataAddresses {
            let octets: [UInt8]
            do throws(HTTPError) {
                octets = try await http.perform(HTTPRequest(.get, address, authorityFile: issuer.authorityFile))
            } catch {
                first = first ?? error
                // Not there, but perhaps elsewhere; an issuer that is away is away everywhere.
                guard case .status = error else { break }
                continue
            }
            do throws(TokenSyntaxError) {
                return try IssuerMetadata(octets, issuer: issuer.address.text)
            } catch { throw .document(address, error) }
        }
        throw first.map { .http($0) } ?? .missing("metadata", issuer.address)
    }
}

extension IssuerMetadata {
    func keySet(of issuer: IssuerDescription) throws(IssuerFault) -> WebAddress {
        try Self.place(keySet, "jwks_uri", of: issuer)
    }

    func introspection(of issuer: IssuerDescription) throws(IssuerFault) -> WebAddress {
        try Self.place(introspection, "introspection_endpoint", of: issuer)
    }

    /// An encrypted issuer does not send us to a place without encryption.
    private static func place(
        _ text: String?, _ name: String, of issuer: IssuerDescription
    ) throws(IssuerFault) -> WebAddress {
        guard let address = text.flatMap({ WebAddress($0) }), address.isEncrypted || !issuer.address.isEncrypted else {
            throw .missing(name, issuer.address)
        }
        return address
    }
}
