import POSWire
import Testing

@Suite("Checksums")
struct ChecksumTests {
  @Test("CRC-16/KERMIT check value")
  func kermit() {
    let digits = Array("123456789".utf8)
    #expect(CRC16Kermit.of(digits.span) == 0x2189)
  }

  @Test("Transbank poll: the LRC over 0100 and ETX is 02 (specs/terminals.md §4.3)")
  func lrc() {
    let poll = Array("0100".utf8) + [0x03]
    #expect(XORChecksum.of(poll.span) == 0x02)
  }
}
