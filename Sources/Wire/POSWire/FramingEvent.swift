/// What a framer found in a stream of bytes.
public enum FramingEvent: Sendable, Equatable {
  /// The content of one intact frame, without start, end, escapes and check bytes.
  case frame([UInt8])
  /// A lone ACK.
  case acknowledged
  /// A lone NAK.
  case refused
  /// A lone ENQ.
  case enquiry
  /// A lone EOT.
  case endOfTransmission
  /// A frame was given up: `checksum`, `framing` or `lengthOverLimit`.
  case damaged(WireError.Reason)
}
