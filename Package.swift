// swift-tools-version: 6.2
import Foundation
import PackageDescription

// The modules stand in the order of a request's way: an import may only point up this list. The last lines hold
// that order, and `scripts/build` has the compiler refuse an import that is not declared here.
//
// Whoever uses SpawnModel names JSONTree too, whose values are inside its own: where a module's layout changes, SwiftPM
// builds anew only what names it.

/// One language for every target: Swift 6, explicit `any`, imports private unless said, no warning left standing.
let language: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

func module(_ name: String, uses: [Target.Dependency] = [], resources: [Resource] = []) -> Target {
    .target(name: name, dependencies: uses, exclude: readme(of: name), resources: resources, swiftSettings: language)
}

/// A module's README explains it to people; the compiler need not hear of it.
func readme(of module: String, in folder: String = "Sources") -> [String] {
    let path = "\(Context.packageDirectory)/\(folder)/\(module)/README.md"
    return FileManager.default.fileExists(atPath: path) ? ["README.md"] : []
}

func shim(_ name: String, apt package: String) -> Target {
    .systemLibrary(name: name, providers: [.apt([package])])
}

func tests(_ name: String, uses: [Target.Dependency], resources: [Resource] = []) -> Target {
    .testTarget(
        name: name, dependencies: uses, exclude: readme(of: name, in: "Tests"), resources: resources,
        swiftSettings: language)
}

/// The ways of asking for a GPU that Berth knows by itself: a file of `Configuration/Backends` each.
let backends = [
    "dra", "hami", "hami-mig", "kai", "kai-fraction", "kai-queue", "kueue", "metagpu", "mig-single", "mortalgpu", "mps",
    "nvidia", "time-slicing", "volcano",
]

/// The exporters whose metrics Berth knows by itself: a file of `Configuration/Exporters` each.
let exporters = ["dcgm-exporter", "metagpu-exporter"]

let log = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")
let yaml = Target.Dependency.product(name: "Yams", package: "Yams")
let mustache = Target.Dependency.product(name: "Mustache", package: "swift-mustache")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
    name: "berth",
    products: [.executable(name: "berth", targets: ["berth"])],
    dependencies: [
        // The field's logging face, so that a site can route our log like any other Swift service's.
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        // The same for metrics; our registry is its backend.
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        // YAML with line numbers for every node: each configuration fault names its line.
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        // Logic-free templates for the spawn form; escapes by default.
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        // The command line's help, usage errors and completion.
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    ],
    targets: [
        shim("CLinux", apt: "libc6-dev"),
        shim("CSQLite", apt: "libsqlite3-dev"),
        // PostgreSQL's own client: its protocol, TLS and failover between hosts, tested by the world.
        shim("CPostgres", apt: "libpq-dev"),
        // Python's regular expressions, nearly, with bounded effort: profile lists validate typed text by them.
        shim("CPCRE2", apt: "libpcre2-dev"),
        // Signatures and hashes: nobody should write these again.
        shim("COpenSSL", apt: "libssl-dev"),
        // HTTP as a client, non-blocking on our loops: TLS, pooling and framing that the world has tested.
        shim("CCurl", apt: "libcurl4-openssl-dev"),
        // LDAP: bind, TLS and filters that the world has tested.
        shim("CLDAP", apt: "libldap2-dev"),
        // Berth's own tokens: a format with libraries everywhere, so that nobody has to trust ours.
        shim("CJWT", apt: "libjwt-dev"),
        module("Hashing", uses: ["COpenSSL"]),
        module("JSONTree"),
        module("SpawnModel", uses: ["Hashing", "JSONTree"]),
        module("Telemetry", uses: [log, metrics]),
        module("Sockets", uses: ["CLinux", "COpenSSL"]),
        module("HTTPServer", uses: ["Sockets"]),
        module("Workers", uses: ["SpawnModel"]),
        module("Storage", uses: ["CPostgres", "CSQLite", "Workers"]),
        module("HTTPClient", uses: ["Sockets", "CCurl"]),
        module("Kubernetes", uses: ["HTTPClient", "JSONTree", "Sockets"]),
        module("JupyterHub", uses: ["HTTPClient", "JSONTree", "SpawnModel"]),
        module("Identity", uses: ["COpenSSL", "HTTPClient", "SpawnModel", "JSONTree", "Workers"]),
        module("Directory", uses: ["CLDAP", "Hashing", "SpawnModel", "JSONTree", "Workers"]),
        module("SpawnPolicy", uses: ["CPCRE2", "Hashing", "SpawnModel", "JSONTree"]),
        module("GPULedger", uses: ["JSONTree", "SpawnModel", "Storage"]),
        module("MeasuredUse", uses: ["HTTPClient", "JSONTree", "SpawnModel"]),
        module("Sealing", uses: ["Hashing"]),
        module("SidecarTokens", uses: ["CJWT", "JSONTree", "SpawnModel"]),
        module("PodPatching", uses: ["SpawnModel", "JSONTree"]),
        module(
            "LastUse",
            uses: [log, metrics, "SpawnModel", "HTTPClient", "JupyterHub", "GPULedger", "MeasuredUse"]),
        module(
            "Configuration",
            uses: [
                yaml, "JSONTree", "SpawnModel", "Kubernetes", "HTTPClient", "Identity", "Directory", "SpawnPolicy",
                "GPULedger", "MeasuredUse", "Sealing", "SidecarTokens", "PodPatching", "LastUse", "Sockets",
                "HTTPServer",
                "Storage",
            ],
            resources: backends.map { .embedInCode("Backends/\($0).yaml") }
                + exporters.map { .embedInCode("Exporters/\($0).yaml") }
        ),
        module(
            "SpawnForm", uses: [mustache, "JSONTree", "SpawnModel", "SpawnPolicy"],
            resources: [.embedInCode("Templates/form.mustache")]),
        module(
            "HubAPI",
            uses: [
                log, metrics, "JSONTree", "SpawnModel", "Telemetry", "HTTPServer", "HTTPClient", "JupyterHub",
                "Identity",
                "Kubernetes", "Directory", "SpawnPolicy", "GPULedger", "Sealing", "SidecarTokens", "PodPatching",
                "LastUse", "Configuration", "SpawnForm",
            ]
        ),
        module(
            "AdmissionAPI",
            uses: [
                log, "JSONTree", "SpawnModel", "Telemetry", "Sockets", "HTTPServer", "GPULedger", "Sealing",
                "PodPatching", "Configuration", "HubAPI",
            ]
        ),
        module(
            "AdminAPI",
            uses: [
                log, "Hashing", "JSONTree", "SpawnModel", "Telemetry", "HTTPServer", "Workers", "HTTPClient",
                "Identity", "SpawnPolicy", "GPULedger", "MeasuredUse", "PodPatching", "LastUse", "Configuration",
                "HubAPI",
            ]
        ),
        module(
            "SidecarAPI",
            uses: [
                log, "JSONTree", "SpawnModel", "Telemetry", "HTTPServer", "Workers", "HTTPClient", "JupyterHub",
                "Identity",
                "GPULedger", "MeasuredUse", "SidecarTokens", "LastUse", "Configuration", "HubAPI",
            ]
        ),
        module(
            "Upkeep",
            uses: [
                log, metrics, "JSONTree", "SpawnModel", "HTTPClient", "JupyterHub", "Kubernetes", "Directory",
                "GPULedger", "PodPatching",
            ]
        ),
        module(
            "Sidecars", uses: [log, "JSONTree", "SpawnModel", "HTTPServer", "HTTPClient"],
            resources: [.embedInCode("Lab/remoteEntry.js")]),
        .executableTarget(
            name: "berth",
            dependencies: [
                arguments, log, metrics, "JSONTree", "SpawnModel", "Telemetry", "Sockets", "HTTPServer", "Storage",
                "HTTPClient", "Kubernetes", "JupyterHub", "Identity", "Directory", "SpawnPolicy", "GPULedger",
                "MeasuredUse", "PodPatching", "LastUse", "Workers",
                "Configuration", "SpawnForm", "HubAPI", "AdmissionAPI", "AdminAPI", "SidecarAPI", "Upkeep",
                "Sidecars",
            ],
            swiftSettings: language
        ),
        tests("TidyTests", uses: []),
        tests("JSONTreeTests", uses: ["JSONTree"]),
        tests("TelemetryTests", uses: [log, metrics, "Telemetry"]),
        tests("SocketsTests", uses: ["Sockets", "CLinux"]),
        // Starts the lab's servers so that they end with the tests.
        .target(name: "LabChild", path: "Tests/LabChild", swiftSettings: language),
        // Authorities and certificates, made by openssl for one run.
        .target(
            name: "CertificateForge", dependencies: ["LabChild"], path: "Tests/CertificateForge",
            swiftSettings: language),
        tests(
            "HTTPServerTests", uses: ["HTTPServer", "Sockets", "CLinux", "COpenSSL", "CertificateForge", "LabChild"],
            resources: [.copy("Cases")]),
        // Signs tokens as an issuer would, and as an attacker.
        .target(
            name: "TokenForge", dependencies: ["COpenSSL", "JSONTree", "Identity"], path: "Tests/TokenForge",
            swiftSettings: language),
        // Verifies as fast as it can, for scripts/bench identity.
        .executableTarget(
            name: "token-pace", dependencies: ["Identity", "TokenForge", "SpawnModel", "JSONTree"],
            path: "Tests/TokenPace", swiftSettings: language),
        // Decides as fast as it can, for scripts/bench identity.
        .executableTarget(
            name: "decision-pace",
            dependencies: ["Configuration", "SpawnPolicy", "Identity", "SpawnModel", "JSONTree"],
            path: "Tests/DecisionPace", swiftSettings: language),
        // Listens, and answers as no good server would.
        .target(name: "RawPeer", dependencies: ["CLinux", "Sockets"], path: "Tests/RawPeer", swiftSettings: language),
        tests(
            "HTTPClientTests",
            uses: ["HTTPClient", "HTTPServer", "RawPeer", "CertificateForge", "LabChild", "Sockets", "CLinux"]),
        // A real API server, for whichever tests need one.
        .target(
            name: "LabCluster", dependencies: ["LabChild", "HTTPClient", "Kubernetes", "Sockets", "JSONTree"],
            path: "Tests/LabCluster", swiftSettings: language),
        tests(
            "KubernetesTests",
            uses: ["Kubernetes", "LabChild", "LabCluster", "RawPeer", "HTTPClient", "JSONTree"]),
        tests(
            "IdentityTests",
            uses: ["Identity", "TokenForge", "HTTPClient", "HTTPServer", "Sockets", "SpawnModel", "JSONTree"],
            resources: [.copy("Claims")]
        ),
        tests("WorkersTests", uses: ["Workers", "SpawnModel"]),
        // Reads a large directory as a whole, to say what that takes.
        .executableTarget(
            name: "directory-pace", dependencies: ["Directory", "JSONTree"], path: "Tests/DirectoryPace",
            swiftSettings: language),
        tests("DirectoryTests", uses: ["Directory", "LabChild", "SpawnModel", "JSONTree"]),
        tests(
            "UpkeepTests",
            uses: [
                log, "Upkeep", "LabChild", "LabCluster", "JSONTree", "SpawnModel", "HTTPClient", "Kubernetes",
                "Directory", "GPULedger", "JupyterHub",
            ]),
        tests("SpawnModelTests", uses: ["SpawnModel", "JSONTree"]),
        tests("SpawnPolicyTests", uses: ["SpawnPolicy", "SpawnModel", "JSONTree", "Identity"]),
        // Real PostgreSQL servers, for whichever tests need one.
        .target(name: "LabPostgres", dependencies: ["LabChild"], path: "Tests/LabPostgres", swiftSettings: language),
        tests("StorageTests", uses: ["Storage", "LabPostgres"]),
        // Killed by a test of the ledger while it works.
        .executableTarget(
            name: "ledger-hammer", dependencies: ["JSONTree", "GPULedger", "SpawnModel", "Storage"],
            path: "Tests/LedgerHammer",
            swiftSettings: language),
        // Races for the last unit, and reserves as fast as it can, for scripts/show race and scripts/bench ledger.
        .executableTarget(
            name: "ledger-race", dependencies: ["GPULedger", "SpawnModel", "Storage"], path: "Tests/LedgerRace",
            swiftSettings: language),
        tests(
            "GPULedgerTests",
            uses: ["JSONTree", "GPULedger", "SpawnModel", "Storage", "LabPostgres", "ledger-hammer"],
            resources: [.copy("Released")]),
        tests(
            "MeasuredUseTests",
            uses: ["MeasuredUse", "HTTPClient", "JSONTree", "SpawnModel", "Sockets", "RawPeer"],
            resources: [.copy("Pages")]),
        tests(
            "LastUseTests",
            uses: [
                log, "LastUse", "JupyterHub", "HTTPClient", "JSONTree", "GPULedger", "MeasuredUse", "SpawnModel",
            ]),
        tests("SealingTests", uses: ["Sealing"]),
        tests("SidecarTokensTests", uses: ["SidecarTokens", "JSONTree", "SpawnModel"]),
        tests(
            "PodPatchingTests", uses: ["Configuration", "PodPatching", "SpawnModel", "JSONTree"],
            resources: [.copy("Pods")]),
        tests(
            "ConfigurationTests",
            uses: [
                "Configuration", "JSONTree", "SpawnModel", "Kubernetes", "HTTPClient", "Identity", "Directory",
                "SpawnPolicy", "GPULedger", "MeasuredUse", "PodPatching", "Sockets", "HTTPServer", "CertificateForge",
            ]
        ),
        tests(
            "AdminAPITests",
            uses: [
                "AdminAPI", "Configuration", "GPULedger", "HTTPClient", "HTTPServer", "JSONTree", "LastUse",
                "MeasuredUse", "SpawnModel",
            ]),
        tests("AdmissionAPITests", uses: ["AdmissionAPI"]),
        tests(
            "SidecarsTests",
            uses: [log, "Sidecars", "HTTPClient", "HTTPServer", "JSONTree", "LabChild", "Sockets", "SpawnModel"]),
        tests("HubAPITests", uses: ["HubAPI", "Directory", "JSONTree", "SpawnModel"]),
        tests(
            "SidecarAPITests",
            uses: ["SidecarAPI", "Configuration", "HTTPClient", "HubAPI", "Identity", "JSONTree", "SpawnModel"]),
        tests(
            "SitesTests",
            uses: [
                yaml, log, "LabChild", "JSONTree", "SpawnModel", "Sockets", "HTTPServer", "HTTPClient", "Identity",
                "Directory",
                "GPULedger", "PodPatching", "Configuration", "HubAPI",
            ], resources: [.copy("Sites")]),
    ]
)

// The order above is the architecture: stop when a target uses one that stands below it.
for (place, target) in package.targets.enumerated() {
    for case .byNameItem(let used, _) in target.dependencies
    where !package.targets[..<place].contains(where: { $0.name == used }) {
        fatalError("\(target.name) uses \(used), which stands below it in Package.swift: imports point up the list")
    }
}
