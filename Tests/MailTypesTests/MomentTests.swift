import MailTypes
import Testing

struct MomentTests {
    @Test func everyDayOfFourCenturiesFollowsTheOneBefore() throws {
        var previous = try #require(Moment(.init(year: 1799, month: 12, day: 31), zone: 0))
        for year in 1800...2200 {
            for month in 1...12 {
                for day in 1...31 {
                    guard let moment = Moment(.init(year: year, month: month, day: day), zone: 0) else { continue }
                    #expect(moment.seconds == previous.seconds + 86400)
                    #expect(moment.weekday == (previous.weekday + 1) % 7)
                    #expect(moment.fields == .init(year: year, month: month, day: day))
                    previous = moment
                }
            }
        }
    }

    @Test func showsTheClockOfItsZone() throws {
        let fields = Moment.Fields(year: 2026, month: 3, day: 1, hour: 0, minute: 30, second: 15)
        let moment = try #require(Moment(fields, zone: 90))
        #expect(moment.seconds == 1_772_319_615)
        #expect(moment.fields == fields)
        #expect(Moment(seconds: moment.seconds).fields.day == 28)
        #expect(Moment(seconds: 0).weekday == 4)
    }

    @Test(arguments: [
        Moment.Fields(year: 2025, month: 2, day: 29), .init(year: 2025, month: 13, day: 1),
        .init(year: 2025, month: 1, day: 0),
        .init(year: 2025, month: 1, day: 1, hour: 24), .init(year: 2025, month: 4, day: 31),
    ])
    func refusesWhatIsNoDate(fields: Moment.Fields) {
        #expect(Moment(fields, zone: 0) == nil)
    }
}
