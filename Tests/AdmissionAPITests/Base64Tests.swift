// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@testable import AdmissionAPI

struct Base64Tests {
    @Test(arguments: 0..<100) func `bytes are written as Foundation writes them`(count: Int) {
        let bytes = (0..<count).map { _ in UInt8.random(in: .min ... .max) }
        #expect(Base64.text(bytes) == Data(bytes).base64EncodedString(), "\(bytes)")
    }
}
