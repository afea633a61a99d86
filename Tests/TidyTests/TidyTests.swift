// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// What a formatter cannot see and a reader would trip over.
struct TidyTests {
    @Test func `every source says its licence in its first line`() throws {
        for file in try Checkout.files(under: ["Sources", "Tests"], endings: ["swift"]) {
            #expect(file.lines.first == "// SPDX-License-Identifier: Apache-2.0", "\(file.path)")
        }
    }

    @Test func `no source file is longer than 400 lines`() throws {
        for file in try Checkout.files(under: ["Sources"], endings: ["swift"]) {
            #expect(file.lines.count <= 400, "\(file.path) is perhaps two ideas")
        }
    }

    @Test func `nothing is said to be unfinished`() throws {
        let words = ["TO" + "DO:", "FIX" + "ME", "XX" + "X:"]
        let folders = ["Sources", "Tests", "scripts", "config"]
        for file in try Checkout.files(under: folders, endings: ["swift", "py", "h", "yaml"]) {
            for word in words { #expect(!file.text.contains(word), "\(file.path) holds \(word)") }
        }
    }

    /// But for OpenSSL's, which hashes, encrypts connections and proves tokens in modules that do not import each other.
    @Test func `a C shim is imported by one module only`() throws {
        var importers: [String: Set<String>] = [:]
        let shared: [String: Set<String>] = ["COpenSSL": ["Hashing", "Identity", "Sockets"]]
        for file in try Checkout.files(under: ["Sources"], endings: ["swift"]) {
            for shim in file.imports.filter({ $0.hasPrefix("C") && Checkout.exists("Sources/\($0)/module.modulemap") })
            {
                importers[shim, default: []].insert(file.module)
            }
        }
        #expect(!importers.isEmpty)
        for (shim, modules) in importers {
            #expect(modules.count == 1 || modules == shared[shim], "\(shim) is imported by \(modules.sorted())")
        }
        for driver in ["CSQLite", "CPostgres"] { #expect(importers[driver, default: ["Storage"]] == ["Storage"]) }
    }

    @Test func `Foundation stays where YAML and templates need it`() throws {
        let allowed: Set = ["Configuration", "SpawnForm"]
        for file in try Checkout.files(under: ["Sources"], endings: ["swift"])
        where file.imports.contains(where: { $0.hasPrefix("Foundation") }) {
            #expect(allowed.contains(file.module), "\(file.path) imports Foundation")
        }
    }

    @Test func `swift-nio is no dependency of the product`() throws {
        let manifest = try Checkout.read("Package.swift")
        #expect(!manifest.contains("swift-nio") && !manifest.contains("hummingbird\""))
    }

    @Test func `the way of a request names every module in the manifest's order`() throws {
        let manifest = try Checkout.read("Package.swift")
        let way = try Checkout.read("Sources/README.md")
        var place = way.startIndex
        for module in Checkout.modules(in: manifest) {
            let found = way.range(of: "`\(module)`", range: place..<way.endIndex)
            #expect(found != nil, "Sources/README.md lacks \(module), or lists it out of order")
            place = found?.upperBound ?? place
        }
    }

    @Test func `every show and script can be run`() throws {
        for folder in ["scripts", "scripts/show"] {
            for path in try Checkout.plainFiles(in: folder) {
                let file = Checkout.root.appending(path: path).path
                #expect(FileManager.default.isExecutableFile(atPath: file), "\(path)")
            }
        }
    }
}
