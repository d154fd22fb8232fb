import POSBarcode
import POSScan
import TestSupport
import Testing

@Suite("Codes that belong together")
struct SymbolJoinerTests {
  private static func code(_ symbology: Symbology, _ text: String, isTruncated: Bool = false) -> DecodedCode {
    DecodedCode(symbology: symbology, bytes: Array(text.utf8), isTruncated: isTruncated)
  }

  private static let article = code(.ean13, "9771473968012")
  private static let addOn = code(.upcAddOn2, "05")
  private static let book = code(.ean13, "9784101092058")
  private static let price = code(.ean13, "1920097012507")
  private static let text = code(.qr, "x")

  private static func joined(_ codes: [(DecodedCode, Int64)]) -> [SymbolJoiner.Joined] {
    var joiner = SymbolJoiner(window: 100)
    var result: [SymbolJoiner.Joined] = []
    for (code, time) in codes { joiner.add(code, at: time) { joined, _ in result.append(joined) } }
    joiner.expire(at: .max) { joined, _ in result.append(joined) }
    return result
  }

  @Test("add-ons and second lines are joined within the window, whichever comes first, and not beyond it")
  func joining() {
    let (article, addOn, book, price, text) = (
      Self.article, Self.addOn, Self.book, Self.price, Self.text
    )
    #expect(Self.joined([(article, 0), (addOn, 50)]) == [.withAddOn(article, addOn: addOn)])
    #expect(Self.joined([(addOn, 0), (article, 50)]) == [.withAddOn(article, addOn: addOn)])
    #expect(Self.joined([(article, 0), (addOn, 100)]) == [.single(article), .single(addOn)])
    #expect(Self.joined([(price, 0), (book, 9)]) == [.twoLines(book, price)])
    #expect(
      Self.joined([(article, 0), (text, 1), (addOn, 2)]) == [.single(article), .single(text), .single(addOn)])
    #expect(Self.joined([(article, 0), (article, 1)]) == [.single(article), .single(article)])
  }

  @Test("a beginning of a code, and digits that are no add-on, are half of nothing")
  func noHalves() {
    let cut = Self.code(.ean13, "9771473968012", isTruncated: true)
    #expect(Self.joined([(cut, 0), (Self.addOn, 1)]) == [.single(cut), .single(Self.addOn)])
    #expect(Self.joined([(Self.addOn, 0), (cut, 1)]) == [.single(Self.addOn), .single(cut)])
    let letters = Self.code(.upcAddOn2, "A5")
    #expect(Self.joined([(Self.article, 0), (letters, 1)]) == [.single(Self.article), .single(letters)])
    let combined = Self.code(.ean13, "977147396801205")
    #expect(Self.joined([(combined, 0), (Self.addOn, 1)]) == [.single(combined), .single(Self.addOn)])
  }

  @Test("each half comes out once, in order and with the time of its reading")
  func everyCodeOnce() {
    var random = SeededGenerator(seed: 15)
    let kinds = [Self.article, Self.addOn, Self.book, Self.price, Self.text]
    var joiner = SymbolJoiner(window: 5)
    var sent: [DecodedCode] = []
    var received: [DecodedCode] = []
    var times: [Int64] = []
    func note(_ joined: SymbolJoiner.Joined, _ readAt: Int64) {
      times.append(readAt)
      switch joined {
      case .single(let code): received.append(code)
      case .withAddOn(let first, let second), .twoLines(let first, let second): received += [first, second]
      }
    }
    var now: Int64 = 0
    for _ in 0..<5000 {
      now += Int64.random(in: 0...8, using: &random)
      let code = kinds.randomElement(using: &random) ?? Self.text
      sent.append(code)
      joiner.add(code, at: now, note)
      if let deadline = joiner.deadline { #expect(deadline == now + 5) }
    }
    joiner.expire(at: .max, note)
    #expect(received.count == sent.count && times == times.sorted() && joiner.deadline == nil)
    func count(_ codes: [DecodedCode]) -> [Int] { kinds.map { kind in codes.count { $0 == kind } } }
    #expect(count(received) == count(sent))
  }

  @Test("the same code counts once for as long as it stays, and anew after the window or another code")
  func sameCode() {
    let cut = Self.code(.qr, "x", isTruncated: true)
    func repeats(_ codes: [(DecodedCode, Int64)], _ window: SameCodeWindow) -> [Bool] {
      var window = window
      return codes.map { window.isRepeat($0.0, at: $0.1) }
    }
    let (article, text) = (Self.article, Self.text)
    #expect(
      repeats(
        [(article, 0), (article, 99), (article, 198), (article, 298), (text, 299), (article, 300)],
        SameCodeWindow(100)) == [false, true, true, false, false, false])
    // The same digits of another symbology are another code.
    let digits = Self.code(.code128, "9771473968012")
    #expect(repeats([(article, 0), (digits, 1)], SameCodeWindow(100)) == [false, false])
    // A beginning repeats nothing, and nothing repeats it.
    #expect(
      repeats([(text, 0), (cut, 1), (cut, 2), (text, 3)], SameCodeWindow(100)) == [
        false, false, false, false,
      ])
    #expect(
      repeats(
        [(text, 0), (text, 1), (article, 2), (article, .max - 1)],
        SameCodeWindow(.max, symbologies: [.ean13])) == [false, false, false, true])
  }
}
