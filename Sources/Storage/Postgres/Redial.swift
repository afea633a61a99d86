// SPDX-License-Identifier: Apache-2.0

/// When the next attempt to connect may be made: each failure doubles the pause, up to 2 s.
struct Redial {
    private var pause = Duration.milliseconds(50)
    private var notBefore: ContinuousClock.Instant?
    private var last: StorageError?

    /// The last failure while its pause lasts.
    var refusal: StorageError? {
        guard let notBefore, ContinuousClock.now < notBefore else { return nil }
        return last
    }

    mutating func failed(_ error: StorageError) {
        last = error
        notBefore = .now + pause
        pause = min(pause * 2, .seconds(2))
    }
}
