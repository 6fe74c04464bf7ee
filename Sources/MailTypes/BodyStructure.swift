/// IMAP's BODYSTRUCTURE (RFC 9051 §7.5.2), extension data among it. Octets are as the message has them.
package indirect enum BodyStructure: Hashable, Sendable {
    case single(Single)
    case multipart(Multipart)

    package struct Parameter: Hashable, Sendable {
        package var name: [UInt8]
        package var value: [UInt8]
        package init(name: [UInt8], value: [UInt8]) {
            self.name = name
            self.value = value
        }
    }

    package struct Disposition: Hashable, Sendable {
        package var kind: [UInt8]
        package var parameters: [Parameter]
        package init(kind: [UInt8], parameters: [Parameter]) {
            self.kind = kind
            self.parameters = parameters
        }
    }

    /// The extension data that both kinds share.
    package struct Extension: Hashable, Sendable {
        package var disposition: Disposition?
        package var languages: [[UInt8]] = []
        package var location: [UInt8]?
        package init() {}
    }

    package struct Single: Hashable, Sendable {
        package var type: [UInt8]
        package var subtype: [UInt8]
        package var parameters: [Parameter] = []
        package var id: [UInt8]?
        package var description: [UInt8]?
        package var encoding: [UInt8]
        /// Octets in the transfer encoding.
        package var size: UInt64
        /// Lines in the transfer encoding: for `text/*` and `message/rfc822`.
        package var lines: UInt64?
        /// The enclosed message, for `message/rfc822` and `message/global`.
        package var message: Enclosed?
        package var md5: [UInt8]?
        package var extra = Extension()

        package init(type: [UInt8], subtype: [UInt8], encoding: [UInt8], size: UInt64) {
            self.type = type
            self.subtype = subtype
            self.encoding = encoding
            self.size = size
        }
    }

    package struct Enclosed: Hashable, Sendable {
        package var envelope: Envelope
        package var structure: BodyStructure
        package init(envelope: Envelope, structure: BodyStructure) {
            self.envelope = envelope
            self.structure = structure
        }
    }

    package struct Multipart: Hashable, Sendable {
        package var subtype: [UInt8]
        package var parts: [BodyStructure]
        package var parameters: [Parameter] = []
        package var extra = Extension()
        package init(subtype: [UInt8], parts: [BodyStructure]) {
            self.subtype = subtype
            self.parts = parts
        }
    }
}
