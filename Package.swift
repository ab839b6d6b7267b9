// swift-tools-version: 6.2
import PackageDescription

/// One list of settings for every Swift target of ours: what the compiler can forbid is forbidden everywhere.
let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let collections = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let nio: [Target.Dependency] = [
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"),
    .product(name: "NIOTLS", package: "swift-nio"),
    .product(name: "NIOHTTP1", package: "swift-nio"),
    .product(name: "NIOHTTP2", package: "swift-nio-http2"),
    .product(name: "NIOSSL", package: "swift-nio-ssl"),
]

let package = Package(
    name: "berth",
    products: [.executable(name: "berth", targets: ["berth"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-http2", from: "1.46.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // Level 0
        .target(name: "OCI", dependencies: [crypto]),
        .target(name: "Drawing"),
        .target(
            name: "CNcurses",
            cSettings: [
                .define("NCURSES_WIDECHAR", to: "1"), .enableWarning("all"), .treatAllWarnings(as: .error),
            ],
            linkerSettings: [.linkedLibrary("ncursesw")]
        ),
        .systemLibrary(name: "CMalloc"),
        // Level 1
        .target(name: "RegistryStorage", dependencies: ["OCI"]),
        .target(name: "RegistryIndex", dependencies: ["OCI", .product(name: "GRDB", package: "GRDB.swift")]),
        .target(
            name: "RegistryConfiguration", dependencies: [.product(name: "Yams", package: "Yams")]
        ),
        .target(name: "Curses", dependencies: ["Drawing", "CNcurses"]),
        // Level 2
        .target(
            name: "RegistryCore",
            dependencies: ["OCI", "RegistryStorage", "RegistryIndex", collections, logging, crypto]
        ),
        // Level 3
        .target(
            name: "RegistryCollector",
            dependencies: ["OCI", "RegistryStorage", "RegistryIndex", "RegistryCore", logging]
        ),
        // Level 4
        .target(name: "RegistryHTTP", dependencies: ["OCI", "RegistryCore", logging, collections, crypto] + nio),
        .target(
            name: "RegistryControl",
            dependencies: [
                "OCI", "RegistryCore", "RegistryCollector", logging,
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ]
        ),
        .target(
            name: "Cockpit", dependencies: ["OCI", "RegistryCore", "RegistryCollector", "Drawing", collections]
        ),
        // Level 5
        .executableTarget(
            name: "berth",
            dependencies: [
                "OCI", "RegistryStorage", "RegistryIndex", "RegistryConfiguration", "RegistryCore", "RegistryCollector",
                "RegistryHTTP", "RegistryControl", "Cockpit", "Drawing", "Curses", "CMalloc", logging, collections,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]
        ),
        // Tests
        .target(
            name: "ImageBuilder",
            dependencies: ["OCI", "RegistryStorage", "RegistryIndex", "RegistryCore", "RegistryCollector"],
            path: "Tests/ImageBuilder"
        ),
        .target(name: "SeededRandom", path: "Tests/SeededRandom"),
        .target(name: "BriefText", path: "Tests/BriefText"),
        .target(name: "ScreenWords", path: "Tests/ScreenWords"),
        .target(name: "Patience", path: "Tests/Patience"),
        .target(name: "PlainHTTP", path: "Tests/PlainHTTP"),
        .target(name: "StorageProbes", dependencies: ["RegistryStorage", logging], path: "Tests/StorageProbes"),
        .target(
            name: "CountedStore",
            dependencies: [
                "OCI", "RegistryCore", "RegistryCollector", "RegistryStorage", "ImageBuilder", "SeededRandom",
                "StorageProbes",
            ],
            path: "Tests/CountedStore"
        ),
        .testTarget(name: "OCITests", dependencies: ["OCI", "SeededRandom", "BriefText"]),
        .testTarget(name: "DrawingTests", dependencies: ["Drawing", "SeededRandom"]),
        .testTarget(
            name: "RegistryStorageTests", dependencies: ["RegistryStorage", "OCI", "StorageProbes", "Patience"],
            exclude: ["Golden"]
        ),
        .testTarget(
            name: "RegistryIndexTests",
            dependencies: [
                "RegistryIndex", "OCI", "SeededRandom", .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ]
        ),
        .testTarget(name: "RegistryConfigurationTests", dependencies: ["RegistryConfiguration"]),
        .testTarget(
            name: "RegistryCoreTests",
            dependencies: [
                "RegistryCore", "RegistryCollector", "RegistryStorage", "RegistryIndex", "OCI", "ImageBuilder",
                "CountedStore", "SeededRandom", "StorageProbes", "BriefText", "Patience",
            ]
        ),
        .testTarget(
            name: "RegistryCollectorTests",
            dependencies: [
                "RegistryCore", "RegistryCollector", "RegistryStorage", "RegistryIndex", "OCI", "ImageBuilder",
                "CountedStore", "SeededRandom", "StorageProbes", "BriefText", "Patience",
            ]
        ),
        .testTarget(
            name: "RegistryHTTPTests",
            dependencies: [
                "RegistryHTTP", "RegistryCore", "RegistryCollector", "RegistryStorage", "OCI", "ImageBuilder",
                "SeededRandom",
                "StorageProbes", "BriefText", "Patience", crypto,
                .product(name: "NIOEmbedded", package: "swift-nio"),
            ] + nio
        ),
        .testTarget(
            name: "RegistryControlTests",
            dependencies: [
                "RegistryControl", "RegistryCollector", "RegistryCore", "OCI", "ImageBuilder",
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
            ]
        ),
        .testTarget(
            name: "CockpitTests",
            dependencies: [
                "Cockpit", "Drawing", "RegistryCore", "RegistryCollector", "RegistryStorage", "OCI", "ImageBuilder",
                "CountedStore",
                "ScreenWords", "SeededRandom", "StorageProbes",
            ],
            exclude: ["Golden"]
        ),
        .executableTarget(
            name: "SweepingRegistry",
            dependencies: ["RegistryStorage", "RegistryIndex", "RegistryCore", "RegistryCollector", "RegistryHTTP"],
            path: "Tests/SweepingRegistry"
        ),
        .target(
            name: "BenchmarkTree", dependencies: ["OCI", "RegistryStorage"], path: "Tests/Benchmarks/BenchmarkTree"
        ),
        .executableTarget(
            name: "SweepBenchmark",
            dependencies: [
                "BenchmarkTree", "OCI", "RegistryStorage", "RegistryIndex", "RegistryCore", "RegistryCollector",
                "RegistryHTTP",
            ],
            path: "Tests/Benchmarks/SweepBenchmark"
        ),
        .executableTarget(
            name: "CockpitBenchmark",
            dependencies: [
                "BenchmarkTree", "OCI", "PlainHTTP", "ScreenWords", "SeededRandom",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Tests/Benchmarks/CockpitBenchmark"
        ),
        .executableTarget(name: "GuardRemoval", path: "Tests/GuardRemoval"),
        .testTarget(
            name: "BerthTests",
            dependencies: [
                "berth", "SweepingRegistry", "GuardRemoval", "OCI", "RegistryConfiguration", "RegistryCore",
                "RegistryCollector", "RegistryIndex", "RegistryStorage", "RegistryHTTP", "RegistryControl",
                "ImageBuilder", "SeededRandom", "Patience", "PlainHTTP",
            ]
        ),
    ],
    swiftLanguageModes: [.v6]
)

for target in package.targets where target.name != "CNcurses" && target.type != .system {
    target.swiftSettings = (target.swiftSettings ?? []) + strict
}
