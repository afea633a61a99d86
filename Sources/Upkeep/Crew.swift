// SPDX-License-Identifier: Apache-2.0

/// Work on many things, a few at a time.
enum Crew {
    /// Does `work` on each of `items`, at most `atOnce` under way; what it gives is handed to `note`, in any order.
    ///
    /// The first error is thrown once what was under way has ended; nothing is begun after it.
    static func work<Item: Sendable, Outcome: Sendable, Failure: Error>(
        on items: some Sequence<Item>, atOnce: Int,
        doing work: @escaping @Sendable (Item) async throws(Failure) -> Outcome, noting note: (Outcome) -> Void
    ) async throws(Failure) {
        let failure = await withTaskGroup(of: Result<Outcome, Failure>.self) { group in
            var rest = items.makeIterator()
            func begin(_ item: Item) {
                group.addTask {
                    do throws(Failure) { return .success(try await work(item)) } catch { return .failure(error) }
                }
            }
            for _ in 0..<atOnce { rest.next().map(begin) }
            var failure: Failure?
            for await result in group {
                switch result {
                case .success(let outcome): note(outcome)
                case .failure(let error): failure = failure ?? error
                }
                if failure == nil { rest.next().map(begin) }
            }
            return failure
        }
        if let failure { throw failure }
    }
}
