import POSBarcode
import Testing

@Suite("What a code says")
struct CodeContentTests {
  private static func content(
    _ aim: String, _ bytes: [UInt8], symbology: Symbology? = nil
  ) throws -> CodeContent {
    let characters = Array(aim.utf8)
    let identifier = characters.isEmpty ? nil : AIMIdentifier(code: characters[0], modifier: characters[1])
    return CodeContent(
      aim: identifier,
      symbology: symbology ?? Symbology(aim: identifier, codeID: .unknown, dataLength: bytes.count),
      bytes: bytes)
  }

  @Test("text says how it was made")
  func bases() throws {
    let cases: [(String, [UInt8], String, CodeContent.TextBasis)] = [
      ("Q1", Array("plain".utf8), "plain", .ascii),
      ("Q1", Array("Käse".utf8), "Käse", .utf8),
      ("Q1", [0x4B, 0xE4, 0x73, 0x65], "Käse", .latin1),
      // ECI 26 is UTF-8, 7 is ISO 8859-5, `\\` one backslash.
      ("Q2", Array("\\000026a\\\\é".utf8), "a\\é", .interpretations),
      ("Q2", Array("\\000007".utf8) + [0xB0], "А", .interpretations),
      // Under the protocol, but no character set named.
      ("Q2", Array("a\\\\é".utf8), "a\\é", .utf8),
      // 20 is Shift-JIS, which is not known here; 26 with bytes that are no UTF-8.
      ("Q2", Array("\\000020".utf8) + [0x82, 0xA0], "\u{82}\u{A0}", .unknownInterpretation(20)),
      ("Q2", Array("\\000026".utf8) + [0xFF], "ÿ", .unknownInterpretation(26)),
      // Without the protocol a backslash is a backslash.
      ("Q1", Array("\\000026".utf8), "\\000026", .ascii),
    ]
    for (aim, bytes, text, basis) in cases {
      let content = try Self.content(aim, bytes)
      #expect(String(decoding: content.utf8, as: UTF8.self) == text && content.basis == basis, "\(text)")
    }
    #expect(try Self.content("Q2", Array("\\000026a\\000007".utf8) + [0xB0]).interpretations == [26, 7])
  }

  @Test("GS1 elements are read where the identifier or the symbology says so, behind escapes too")
  func gs1() throws {
    let data = Array("010401234567890110AB\\\\C\u{1D}17270131".utf8)
    #expect(try Self.content("Q4", data).gs1?.value(of: 10) == Array("AB\\C".utf8))
    #expect(try Self.content("d2", Array("10X".utf8)).gs1?.value(of: 10) == [0x58])
    #expect(try Self.content("", Array("10X".utf8), symbology: .gs1128).gs1?.value(of: 10) == [0x58])
    // A GS byte alone proves nothing.
    #expect(try Self.content("C0", Array("10X\u{1D}21Y".utf8)).gs1 == nil)
    let link = Array("https://id.example.com/01/09506000134352/10/ABC".utf8)
    #expect(try Self.content("Q1", link).gs1?.value(of: 10) == Array("ABC".utf8))
  }

  @Test("digits of retail symbols are looked at, others only where eight of them may be two things")
  func retail() throws {
    #expect(try Self.content("E0", Array("306030209223".utf8)).retail?.kind == .upcA)
    #expect(try Self.content("", Array("96385074".utf8)).retail?.kind == .ambiguous8)
    #expect(try Self.content("", Array("4006381333931".utf8)).retail == nil)
    #expect(try Self.content("C0", Array("4006381333931".utf8)).retail == nil)
  }
}
