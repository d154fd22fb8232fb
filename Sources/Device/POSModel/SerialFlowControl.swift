/// How the device at a serial line says that it takes no more for now, and is waited for.
public enum SerialFlowControl: String, Sendable, Hashable, CaseIterable {
  /// Not at all: it keeps up.
  case none
  /// By RTS and CTS, which the kernel sees to.
  case requestToSend = "rts-cts"
  /// By the characters 13 and 11 hex (XOFF, XON), which what it sends must not have otherwise. What is sent to it may.
  case characters = "xon-xoff"
  /// By its DTR, which is this side's DSR: what ESC/POS printers are set to when they leave the factory
  /// (specs/escpos.md §2.9). Linux has no flow control by these lines, so each piece of a write asks first.
  case dataTerminalReady = "dtr-dsr"
}
