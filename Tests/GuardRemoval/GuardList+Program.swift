extension GuardList {
    static let program = [
        Guard(
            "duration-not-negative", "RegistryConfiguration/File/ConfigurationReader.swift",
            "guard duration >= .zero else {",
            "guard OUT || duration >= .zero else {", seenBy: "RegistryConfigurationTests"),
        Guard(
            "prefix-without-query", "RegistryConfiguration/Sections/Configuration+HTTP.swift",
            "guard path.utf8.allSatisfy({ $0 > 0x20 &&", "guard OUT || path.utf8.allSatisfy({ $0 > 0x20 &&",
            seenBy: "RegistryConfigurationTests"),
    ]
}
