// SPDX-License-Identifier: Apache-2.0
import Configuration
import Logging

extension Site.LogLevel {
    /// The same level in swift-log's words.
    var level: Logger.Level {
        switch self {
        case .trace: .trace
        case .debug: .debug
        case .info: .info
        case .notice: .notice
        case .warning: .warning
        case .error: .error
        case .critical: .critical
        }
    }
}
