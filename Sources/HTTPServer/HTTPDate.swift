// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// The Date field's line (RFC 9110 section 6.6.1), made anew only when the second has changed.
final class HTTPDate {
    private var line: [UInt8] = []
    private var second = -1

    /// The line for now, by the kernel's coarse clock, which costs no system call and is right to a few milliseconds.
    func currentLine() -> [UInt8] {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME_COARSE, &time)
        guard time.tv_sec != second else { return line }
        second = time.tv_sec
        line = Array("Date: \(HTTPDate.text(unixSeconds: second))\r\n".utf8)
        return line
    }

    /// IMF-fixdate: `Sun, 06 Nov 1994 08:49:37 GMT`.
    static func text(unixSeconds: Int) -> String {
        var seconds = time_t(unixSeconds)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        let day = days[Int(parts.tm_wday)]
        let month = months[Int(parts.tm_mon)]
        return "\(day), \(two(parts.tm_mday)) \(month) \(parts.tm_year + 1900) "
            + "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)) GMT"
    }

    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    private static func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
