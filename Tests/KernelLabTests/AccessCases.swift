import Foundation
import POSLinux
import POSModel
import POSSimulation
import POSTransport
import Testing

/// Nodes that may not be opened, and what the technician is told.
@Suite(.enabled(if: KernelLab.isHere, KernelLab.comment), .serialized) struct AccessCases {
  /// A sale that stops when it opens its devices. A user without rights needs a folder of its own.
  static func sale(printer: String, scanner: String? = nil, asPlainUser: Bool) async throws -> Program.Result
  {
    let folder = try Program.folder(forPlainUser: asPlainUser)
    var arguments = [
      "sale", "run", "--order", Program.order, "--printer", printer, "--terminal", "zvt+tcp:127.0.0.1:9",
      "--server", "http://127.0.0.1:9", "--state", folder + "/state",
    ]
    if let scanner { arguments += ["--scanner", scanner] }
    return try await Program.run(
      arguments, environment: ["ZVT_PASSWORD": "000000"].merging(Program.keys) { $1 },
      asPlainUser: asPlainUser)
  }

  @Test func permissionDenied() async throws {
    try await plug(.printer(), as: .printer) { plugged in
      try await Program.settleRules()
      // The group that Debian gives printers to is not this user's.
      let result = try await Self.sale(printer: "usblp:\(plugged.node)", asPlainUser: true)
      #expect(result.status == 4, "\(result)")
      #expect(result.complaints.contains("device.permission_denied"), "\(result)")
      #expect(result.complaints.contains("posctl rules install"), "\(result)")
    }
  }

  @Test func printerHeldByAnother() async throws {
    try await plug(.printer(), as: .printer) { plugged in
      let holder = try await PrinterNode.open(plugged.node)
      let result = try await Self.sale(printer: "usblp:\(plugged.node)", asPlainUser: false)
      #expect(result.status == 5, "\(result)")
      #expect(result.complaints.contains("device.busy"), "\(result)")
      await holder.close()
    }
  }

  @Test func scannerHeldByAnother() async throws {
    try await plug(.scanner(), as: .rawHID) { plugged in
      let holder = try await HIDRaw.open(plugged.node)
      let result = try await Self.sale(
        printer: "file:/tmp/paper", scanner: "hidraw:\(plugged.node)", asPlainUser: false)
      #expect(result.status == 5, "\(result)")
      await holder.close()
    }
  }

  /// A terminal's line that another program has: TIOCEXCL keeps everybody out but root, so it is a lock that tells.
  @Test func lineHeldByAnother() async throws {
    try await plug(.terminal(), as: .serial) { plugged in
      let holder = try await SerialPort.open(plugged.node)
      let error = try await deviceError { () async throws(DeviceError) in
        _ = try await SerialPort.open(plugged.node)
      }
      #expect(error.code == .busy, "\(error)")
      await holder.close()
      let next = try await SerialPort.open(plugged.node)
      await next.close()
    }
  }
}
