// SPDX-License-Identifier: Apache-2.0
import Testing

/// The kind of database that a test runs on.
enum TestStore: CaseIterable {
    case sqlite
    case postgres

    @TaskLocal static var current = TestStore.sqlite
}

/// Runs each test of a suite once on each kind of database: what the ledger promises depends on none.
struct OnEachStore: TestTrait, SuiteTrait, TestScoping {
    var isRecursive: Bool { true }

    func scopeProvider(for test: Test, testCase: Test.Case?) -> OnEachStore? { testCase == nil ? nil : self }

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        for store in TestStore.allCases {
            await TestStore.$current.withValue(store) {
                do { try await function() } catch {
                    Issue.record("on \(store): \(error)")
                }
            }
        }
    }
}

extension Trait where Self == OnEachStore {
    static var onEachStore: OnEachStore { OnEachStore() }
}
