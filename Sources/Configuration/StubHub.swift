// SPDX-License-Identifier: Apache-2.0
package import JupyterHub
extension Deployment { package var hubAddress: HubAddress? { nil } }
