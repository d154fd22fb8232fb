import POSWire
import Testing

@Suite("ByteReader and ByteWriter")
struct ByteReaderTests {
  @Test("what the writer wrote, the reader reads")
  func roundTrip() throws {
    var writer = ByteWriter()
    writer.byte(0x7F)
    writer.bigEndian(0x0102_0304, bytes: 4)
    writer.littleEndian(0x0102, bytes: 2)
    writer.packedDecimal(125_00, bytes: 6)
    writer.ascii("ok")
    #expect(writer.bytes == [0x7F, 1, 2, 3, 4, 2, 1, 0, 0, 0, 1, 0x25, 0, 0x6F, 0x6B])
    let bytes = writer.bytes
    var reader = ByteReader(bytes.span)
    let first = try reader.byte("first")
    let big = try reader.bigEndian(bytes: 4, "big")
    let little = try reader.littleEndian(bytes: 2, "little")
    let amount = try reader.packedDecimal(bytes: 6, "amount")
    let text = try reader.bytes(2, "text").count
    #expect(first == 0x7F && big == 0x0102_0304 && little == 0x0102 && amount == 12500 && text == 2)
    let isAtEnd = reader.isAtEnd
    #expect(isAtEnd)
  }

  @Test("reading past the end names the field's offset and consumes nothing")
  func truncated() {
    let bytes: [UInt8] = [1, 2, 3]
    var reader = ByteReader(bytes.span)
    do throws(WireError) {
      _ = try reader.bytes(2, "head")
      _ = try reader.bytes(2, "body")
      Issue.record("read past the end")
    } catch {
      #expect(error == WireError(.truncated, at: 2, field: "body"))
    }
    let remaining = reader.remaining
    #expect(remaining == 1)
  }

  @Test("a negative count is refused, not trapped")
  func negativeCount() {
    let bytes: [UInt8] = [1]
    var reader = ByteReader(bytes.span)
    do throws(WireError) {
      _ = try reader.bytes(-1, "body")
      Issue.record("accepted a negative count")
    } catch {
      #expect(error.reason == .truncated)
    }
  }

  @Test("a nibble above nine is not a decimal digit")
  func badDigit() {
    let bytes: [UInt8] = [0x12, 0x3A]
    var reader = ByteReader(bytes.span)
    do throws(WireError) {
      _ = try reader.packedDecimal(bytes: 2, "amount")
      Issue.record("accepted 3A as digits")
    } catch {
      #expect(error == WireError(.value, at: 1, field: "amount"))
    }
  }
}
