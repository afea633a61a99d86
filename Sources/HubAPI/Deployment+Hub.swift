// SPDX-License-Identifier: Apache-2.0
package import Configuration
package import JupyterHub

extension Deployment {
    /// Where its hub's own API is; nil where Berth has no token there.
    package var hubAddress: HubAddress? {
        guard let hubAPI, let token = hubAPI.token, token.isKnown else { return nil }
        return HubAddress(url: hubAPI.url, authorization: token.bearer)
    }
}
