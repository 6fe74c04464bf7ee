internal import Bytes
internal import MailTypes

extension FetchReader {
    /// An item of an extension, its name taken; false when it is unknown or its value unreadable.
    static func readExtension(
        _ name: Keyword, _ reader: inout ResponseReader, into response: inout FetchResponse
    ) -> Bool {
        reader.spaces()
        switch name {
        case .emailID:
            guard let id = reader.objectID(reader.value()) else { return false }
            response.emailID = id
        case .threadID:
            guard let value = reader.value() else { return false }
            let id = reader.objectID(value)
            guard id != nil || reader.isNil(value) else { return false }
            response.threadID = NilOr(id)
        case .preview:
            guard let value = reader.value() else { return false }
            let text = reader.nstring(value)
            guard text != nil || reader.isNil(value) else { return false }
            response.preview = NilOr(text)
        case .saveDate:
            guard let value = reader.value() else { return false }
            let date = reader.nstring(value).flatMap { DateTime.parse($0) ?? reader.oddDate($0) }
            guard date != nil || reader.isNil(value) else { return false }
            response.saveDate = NilOr(date)
        case .gmailMessageID:
            response.gmailMessageID = reader.lenientNumber()
            return response.gmailMessageID != nil
        case .gmailThreadID:
            response.gmailThreadID = reader.lenientNumber()
            return response.gmailThreadID != nil
        case .gmailLabels:
            guard case .list(let labels)? = reader.value() else { return false }
            response.gmailLabels = labels.compactMap { reader.nstringOrAtom($0) }.map { reader.decodeName($0).name }
        default: return false
        }
        return true
    }
}
