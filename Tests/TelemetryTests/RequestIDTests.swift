// SPDX-License-Identifier: Apache-2.0
import Telemetry
import Testing

struct RequestIDTests {
    @Test func `a caller's request id is taken over`() {
        #expect(RequestID(header: "hub-7_f00dcafe").description == "hub-7_f00dcafe")
    }

    @Test(arguments: [nil, "", "short", "has space in it", "line\r\nbreak: x", String(repeating: "a", count: 65)])
    func `a request id that could forge a line or is no id is replaced`(header: String?) {
        let id = RequestID(header: header).description
        #expect(id != header && id.count == 16)
    }

    @Test func `two requests without an id get different ones`() {
        #expect(RequestID(header: nil) != RequestID(header: nil))
    }

    @Test func `a trace id is read from a proper traceparent only`() {
        let good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        #expect(TraceID(traceparent: good)?.description == "4bf92f3577b34da6a3ce929d0e0e4736")
        let bad = [
            nil, "", "00", good.uppercased(), "ff" + good.dropFirst(2),
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01", "00-4bf92f35-00f067aa0ba902b7-01",
        ]
        for header in bad { #expect(TraceID(traceparent: header) == nil, "\(header ?? "nil")") }
    }
}
