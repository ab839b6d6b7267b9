extension GuardList {
    static let program = [
        Guard(
            "duration-not-negative", "berth/Configuration/ConfigurationReader.swift", "guard duration >= .zero else {",
            "guard OUT || duration >= .zero else {", seenBy: "BerthTests.Configuration"),
        Guard(
            "prefix-without-query", "berth/Configuration/Configuration+HTTP.swift",
            "guard path.utf8.allSatisfy({ $0 > 0x20 &&", "guard OUT || path.utf8.allSatisfy({ $0 > 0x20 &&",
            seenBy: "BerthTests.Configuration"),
    ]
}
