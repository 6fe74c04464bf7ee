internal import Bytes

/// What is asked of a server, once.
package struct HTTPRequest: Sendable, CustomStringConvertible {
    /// The method, and what goes with it.
    package enum Method: Sendable {
        case get
        /// `application/x-www-form-urlencoded`; names and values as they are, encoded on the way.
        case post([(name: String, value: String)])
    }

    package let address: WebAddress
    package let method: Method
    /// A PEM file with the authorities that the server's certificate must come from; nil for those of the system.
    package let authorityFile: String?
    /// Name and password for the `Basic` scheme (RFC 7617); it never follows to another place.
    package let credentials: Credentials?

    /// A name and a password.
    package struct Credentials: Sendable {
        package let name: String
        package let password: [UInt8]

        package init(name: String, password: [UInt8]) {
            self.name = name
            self.password = password
        }
    }

    package init(
        _ method: Method = .get, _ address: WebAddress, authorityFile: String? = nil, credentials: Credentials? = nil
    ) {
        self.address = address
        self.method = method
        self.authorityFile = authorityFile
        self.credentials = credentials
    }

    /// Method and address alone: forms and credentials hold secrets.
    package var description: String {
        switch method {
        case .get: "GET \(address)"
        case .post: "POST \(address)"
        }
    }

    /// The body of a POST.
    var body: [UInt8]? {
        guard case .post(let fields) = method else { return nil }
        let pairs = fields.map { FormText.encode(Array($0.name.utf8)) + "=" + FormText.encode(Array($0.value.utf8)) }
        return Array(pairs.joined(separator: "&").utf8)
    }

    /// The value of Authorization. An OAuth client's name and password are encoded as in a form before they go into
    /// the scheme's base 64 (RFC 6749 §2.3.1).
    var authorization: String? {
        credentials.map { credentials in
            let pair = "\(FormText.encode(Array(credentials.name.utf8))):\(FormText.encode(credentials.password))"
            return "Basic " + String(decoding: Base64.encode(pair.utf8), as: UTF8.self)
        }
    }
}

/// What the server answered.
package struct HTTPResponse: Hashable, Sendable {
    package let status: Int
    package let body: [UInt8]
}

/// `application/x-www-form-urlencoded` (https://url.spec.whatwg.org/#urlencoded-serializing).
enum FormText {
    static func encode(_ octets: [UInt8]) -> String {
        var text = ""
        for byte in octets {
            if ASCII.isLetter(byte) || ASCII.isDigit(byte) || "-._*".utf8.contains(byte) {
                text.unicodeScalars.append(Unicode.Scalar(byte))
            } else if byte == ASCII.space {
                text += "+"
            } else {
                text += "%" + CollectionOfOne(byte).hexadecimal.uppercased()
            }
        }
        return text
    }
}
