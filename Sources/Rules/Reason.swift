/// One step of a decision: what was found, and in what.
package struct Reason: Hashable, Sendable, Codable, CustomStringConvertible {
    package enum Code: String, Hashable, Sendable, Codable, CaseIterable {
        // Whether at all.
        case noActions, beforeStart
        // Direction.
        case noSender, senderIsNotOurs, senderIsIdentity, senderIsUser, everybodyIsOurs
        // Exceptions.
        case exceptedSender, exceptedRecipient, exceptedSubject, exceptedHeader
        // Automatic mail.
        case autoSubmitted, autoResponseSuppress, precedence, listField, nullReturnPath, deliveryReport, mailerDaemon
        case outOfOfficeSubject, autoreplyField, loopField
        case humanSender, automaticAccepted, automaticRefused, automaticAttached, automaticMakesNoTicket
        // Loops.
        case ownMark, ticketLimit, reopeningLimit
        // Belonging.
        case keyedSubject, keyedReference, forgedToken, knownReference, numberByParticipant, numberByUs
        case numberByStranger, numberUnknown, alreadyInTicket, noTicket
        // Actions.
        case recorded, recordedForTicket, boundByAddress, boundByDomain, boundByNumber, boundByReference, nothingToBind
        case statusChanged, statusKept, reopened, newLinkedTicket, relatedOnly, answerOfOurs, assigneeTaken
        case internalNote, openTicketNotConfigured, createTicketNotConfigured, notReceived
        case requesterFromReplyTo, requesterFromSender, noRequester, organization, severalOrganizations, contract
        case severalContracts
        case routedByKeyword, routedBySender, routedBySubaddress, routedByRecipient, routedBySenderDomain
        case routedByRecipientDomain, routedByDefault
    }

    package let code: Code
    /// The address, field, number or name that the reason is about; empty where there is none.
    package let subject: String

    package init(_ code: Code, _ subject: String = "") {
        self.code = code
        self.subject = subject
    }

    /// A sentence for people.
    package var description: String {
        let sentence = code.sentence
        if let place = sentence.firstIndex(of: "%") {
            return sentence[..<place] + (subject.isEmpty ? "(empty)" : subject)
                + sentence[sentence.index(after: place)...]
        }
        return subject.isEmpty ? sentence : "\(sentence): \(subject)"
    }
}

extension Reason.Code {
    /// What is said of the reason; `%` stands for its subject.
    var sentence: String {
        switch self {
        case .noActions: "the scanner has no actions"
        case .beforeStart: "the message came before the scanner's start, %"
        case .noSender: "there is no sender: received"
        case .senderIsNotOurs: "% is not ours: received"
        case .senderIsIdentity: "% is an identity of the account: sent"
        case .senderIsUser: "% is the address of a user: sent"
        case .everybodyIsOurs: "%, who is ours, wrote to ours alone: internal"
        case .exceptedSender: "the sender is excepted by %"
        case .exceptedRecipient: "a recipient is excepted by %"
        case .exceptedSubject: "the subject is excepted by %"
        case .exceptedHeader: "a header field is excepted by %"
        case .autoSubmitted: "automatic: Auto-Submitted is %"
        case .autoResponseSuppress: "automatic: X-Auto-Response-Suppress is %"
        case .precedence: "automatic: Precedence is %"
        case .listField: "automatic: there is a field %"
        case .nullReturnPath: "automatic: the return path is empty"
        case .deliveryReport: "automatic: it is a report, %"
        case .mailerDaemon: "automatic: the sender is %"
        case .outOfOfficeSubject: "automatic: the subject begins with “%”"
        case .autoreplyField: "automatic: there is a field %"
        case .loopField: "automatic: X-Loop is %"
        case .humanSender: "people write from %, whatever their system says"
        case .automaticAccepted: "automatic mail is accepted here"
        case .automaticRefused: "automatic mail is not accepted here"
        case .automaticAttached: "automatic mail is attached to ticket % and changes nothing"
        case .automaticMakesNoTicket: "% never makes a ticket"
        case .ownMark: "our own mail has come back"
        case .ticketLimit: "% has made as many tickets this hour as one sender may"
        case .reopeningLimit: "ticket % was reopened as often this hour as it may be"
        case .keyedSubject: "our token in the subject names ticket %"
        case .keyedReference: "our message identifier in the references names ticket %"
        case .forgedToken: "the token in the subject for ticket % is not ours"
        case .knownReference: "it refers to a message of the ticket: %"
        case .numberByParticipant: "the subject names ticket %, and the sender takes part in it"
        case .numberByUs: "the subject names ticket %, and the sender is ours"
        case .numberByStranger: "the subject names ticket %, but the sender is a stranger to it"
        case .numberUnknown: "the subject names ticket %, which does not exist"
        case .alreadyInTicket: "this very message is in ticket % already"
        case .noTicket: "it belongs to no ticket"
        case .recorded: "recorded"
        case .recordedForTicket: "recorded, since a ticket needs it"
        case .boundByAddress: "bound by address: %"
        case .boundByDomain: "bound by domain: %"
        case .boundByNumber: "bound by number: %"
        case .boundByReference: "bound by reference to %"
        case .nothingToBind: "there is no record to bind it to"
        case .statusChanged: "the ticket's status changes: %"
        case .statusKept: "the ticket keeps its status, %"
        case .reopened: "the closed ticket is reopened as %"
        case .newLinkedTicket: "ticket % is closed: a new one is linked to it"
        case .relatedOnly: "ticket % is closed: the message is attached to it and nothing else"
        case .answerOfOurs: "it is our answer in ticket %"
        case .assigneeTaken: "the ticket had no assignee; % takes it"
        case .internalNote: "it is attached to ticket % as a note among us"
        case .openTicketNotConfigured: "open-ticket is not among the actions"
        case .createTicketNotConfigured: "create-ticket is not among the actions"
        case .notReceived: "only received mail makes a ticket; this is %"
        case .requesterFromReplyTo: "the requester is %, from Reply-To"
        case .requesterFromSender: "the requester is %, from From"
        case .noRequester: "there is no requester"
        case .organization: "the organization is %"
        case .severalOrganizations: "no organization, since several match: %"
        case .contract: "the contract is %"
        case .severalContracts: "no contract, since several are active: %"
        case .routedByKeyword: "routed by keyword: %"
        case .routedBySender: "routed by sender: %"
        case .routedBySubaddress: "routed by sub-address: %"
        case .routedByRecipient: "routed by recipient: %"
        case .routedBySenderDomain: "routed by the sender's domain: %"
        case .routedByRecipientDomain: "routed by a recipient's domain: %"
        case .routedByDefault: "routed to the default queue, %"
        }
    }
}
