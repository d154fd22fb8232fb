import ESCPOS
import POSDrivers
import POSModel
import POSPicture
import POSTransport

/// What has been sent to the printer, to show and to keep.
struct SentPaper {
  /// Files a receipt was kept in.
  struct Files {
    var escpos: String
    var png: String
  }

  private let bytes = Lock<[UInt8]>([])

  /// `transport`, with a copy of every written byte kept here.
  func copying(_ transport: any ByteTransport) -> any ByteTransport {
    CopyingTransport(transport) { [bytes] sent in bytes.withLock { $0 += sent } }
  }

  /// Forgets what was sent so far.
  func clear() { bytes.withLock { $0 = [] } }

  /// What a printer of this profile makes of it.
  func page(_ profile: PrinterProfile) -> PrintedPage {
    var interpreter = ESCPOSInterpreter(profile.geometry)
    let sent = bytes.withLock { $0 }
    interpreter.feed(sent.span)
    return interpreter.page
  }

  /// Writes receipt.escpos and receipt.png; `nil` when nothing was sent.
  func keep(in folder: String, profile: PrinterProfile) throws(DeviceError) -> Files? {
    let sent = bytes.withLock { $0 }
    guard !sent.isEmpty else { return nil }
    try StateDirectory.make(folder)
    let files = Files(escpos: folder + "/receipt.escpos", png: folder + "/receipt.png")
    try OutputFile.write(sent, to: files.escpos)
    let painter = PagePainter(glyphs: try GlyphSource())
    try OutputFile.write(try painter.paint(page(profile)).png(), to: files.png)
    return files
  }
}
