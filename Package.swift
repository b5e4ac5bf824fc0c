// swift-tools-version: 6.2
import PackageDescription

var settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]
if Context.environment["CI"] != nil {
    settings.append(.treatAllWarnings(as: .error))
}

let histogram = Target.Dependency.product(name: "Histogram", package: "hdrhistogram-swift")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioWebSocket = Target.Dependency.product(name: "NIOWebSocket", package: "swift-nio")
let asyncHTTPClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let protobuf = Target.Dependency.product(name: "SwiftProtobuf", package: "swift-protobuf")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")

let package = Package(
    name: "gatecrash",
    products: [.executable(name: "gatecrash", targets: ["gatecrash"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    ],
    targets: [
        .target(name: "CLinux"),
        .systemLibrary(name: "COpenSSL", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),

        .target(name: "WebSocketWire"),
        .target(name: "Dialects", dependencies: ["CZlib", protobuf], exclude: ["OpenIM/Protobuf/openim.proto"]),
        .target(name: "Reactor", dependencies: ["CLinux", "COpenSSL"]),
        .target(name: "LoadPlan", dependencies: [yams]),
        .target(name: "LoadMetrics", dependencies: [histogram]),
        .target(name: "LoadEngine", dependencies: ["Reactor", "WebSocketWire", "Dialects", "LoadMetrics", "LoadPlan"]),
        .target(
            name: "Enrollment",
            dependencies: ["COpenSSL", "Dialects", "LoadPlan", asyncHTTPClient, nioCore, nioHTTP1, nioPosix]),
        .target(
            name: "OpenIMDoctor", dependencies: ["Dialects", "Enrollment", "LoadPlan", "Reactor", "WebSocketWire"]),
        .target(name: "Diagnosis", dependencies: ["LoadMetrics"]),
        .target(name: "RunReport", dependencies: ["Diagnosis", "LoadMetrics", "LoadPlan", "CZlib"]),
        .target(
            name: "ServerWatch", dependencies: ["CLinux", "LoadMetrics", asyncHTTPClient, nioCore, nioHTTP1, nioPosix]),
        .target(name: "HTTPHosting", dependencies: [hummingbird, logging, nioCore]),
        .target(
            name: "Gateway",
            dependencies: [
                "CLinux", "COpenSSL", "CZlib", "HTTPHosting", nioCore, nioPosix, nioHTTP1, nioWebSocket, logging,
                protobuf,
            ],
            exclude: ["OpenIM/Protobuf/openim_service.proto"]),
        .target(
            name: "RunControl",
            dependencies: [
                "CLinux", "Diagnosis", "Enrollment", "LoadEngine", "LoadMetrics", "LoadPlan", "Reactor", "RunReport",
                "ServerWatch",
            ]),
        .target(
            name: "Commands",
            dependencies: [
                "CLinux", "Diagnosis", "Enrollment", "Gateway", "LoadEngine", "LoadMetrics", "LoadPlan", "OpenIMDoctor",
                "RunControl", "RunReport", argumentParser,
            ]),
        .executableTarget(name: "gatecrash", dependencies: ["Commands"]),

        .executableTarget(
            name: "autobahn-client", dependencies: ["Reactor", "WebSocketWire"], path: "Tests/Autobahn/Client"),

        .testTarget(
            name: "WebSocketWireTests", dependencies: ["WebSocketWire", nioCore, nioEmbedded, nioWebSocket]),
        .testTarget(name: "ReactorTests", dependencies: ["Reactor", "CLinux", "COpenSSL"]),
        .testTarget(name: "DialectsTests", dependencies: ["Dialects", protobuf], exclude: ["Vectors", "Peers"]),
        .testTarget(
            name: "EnrollmentTests", dependencies: ["Enrollment", "Dialects", "LoadPlan"],
            exclude: ["Peers/fake_api.py"]),
        .testTarget(
            name: "OpenIMDoctorTests", dependencies: ["OpenIMDoctor", "LoadPlan"], exclude: ["Peers/odd_gateway.py"]),
        .testTarget(name: "LoadPlanTests", dependencies: ["LoadPlan"]),
        .testTarget(name: "LoadMetricsTests", dependencies: ["LoadMetrics", histogram]),
        .testTarget(name: "DiagnosisTests", dependencies: ["Diagnosis", "LoadMetrics"]),
        .testTarget(name: "RunReportTests", dependencies: ["RunReport", "Diagnosis", "LoadMetrics", "LoadPlan"]),
        .testTarget(
            name: "GatewayTests",
            dependencies: ["Gateway", "HTTPHosting", nioCore, nioPosix, nioHTTP1, nioWebSocket, logging, protobuf]),
        .testTarget(
            name: "LoadEngineTests",
            dependencies: ["LoadEngine", "LoadMetrics", "LoadPlan", "Reactor", "WebSocketWire"]),
        .testTarget(
            name: "ServerWatchTests", dependencies: ["ServerWatch", "LoadMetrics", "CLinux"],
            exclude: ["Goroutines/Dumps"]),
        .testTarget(name: "EndToEndTests", exclude: ["Peers"]),
        .testTarget(name: "ArchitectureTests"),
    ]
)
for target in package.targets where target.type != .system {
    target.swiftSettings = (target.swiftSettings ?? []) + settings
}
