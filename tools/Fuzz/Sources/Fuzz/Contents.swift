import POSBarcode
import POSScan
import POSWire

extension FuzzTarget {
  static let contents: [FuzzTarget] = [
    FuzzTarget(
      "gs1",
      seeds: {
        [
          "010950110153000317270131\u{1D}10AB-123\u{1D}21456", "3103001234390212\u{1D}8008240229101500",
          "200020012002200320002004", "https://id.gs1.org/01/09501101530003/10/AB-123?17=270131&3103=000195",
          "https://example.com/some/where/gtin/01/614141123452/21/abc%2F",
        ].map { Array($0.utf8) }
      }
    ) { bytes in
      let message = GS1ElementString(bytes.span)
      var kept = message.rest.count
      for element in message.elements {
        kept += element.value.count + element.identifier.digits
        require(
          Array(bytes.dropFirst(element.offset).prefix(element.value.count)) == element.value,
          "an element that is not where it says")
        _ = element.identifier.title
        _ = element.identifier.decimals
        if let date = GS1Date(element.value, allowsDayZero: true) {
          require((1...31).contains(date.dayOfMonth(readIn: 2026)), "a day that no month has")
          _ = date.year(readIn: 2026)
        }
      }
      require(kept <= bytes.count, "more out than in")
      let findings = message.findings.count
      require(findings <= 2 * message.elements.count + 1, "\(findings) findings")
      require(message.isValid || !message.findings.isEmpty, "invalid without a finding")
      require(!message.isValid || message.rest.isEmpty, "valid with a rest")
      if let link = GS1DigitalLink(bytes.span) {
        require(!link.elements.elements.isEmpty, "a link to nothing")
        require(link.elements.elements.allSatisfy { $0.value.count <= bytes.count + 14 }, "more out than in")
      }
    },

    FuzzTarget(
      "content",
      seeds: {
        [
          [0] + Array("\\000026Gr\u{FC}\u{DF}e\\\\\\000003abc".utf8), [1] + Array("4006381333931".utf8),
          [2] + Array("0306030209223".utf8), [3] + Array("04252614".utf8),
          [4, 0x82, 0xA0, 0x83, 0x41, 0x8E, 0x9A], [5] + Array("9784873113944192007503000".utf8),
        ]
      }
    ) { bytes in
      var script = Script(bytes)
      let symbology = Symbology.allCases[script.choice(Symbology.allCases.count)]
      let data = script.remaining

      let content = ECIContent(data)
      require(content.bytes.count <= data.count, "more out than in")
      if let text = content.utf8 {
        require(String(validating: text, as: UTF8.self) != nil, "text that is no UTF-8")
        require(text.count <= 3 * data.count, "text that grows without end")
      }
      let (text, _) = CharacterSet.guess(data)
      require(String(validating: text, as: UTF8.self) != nil, "a guess that is no UTF-8")

      if let code = RetailCode(symbology: symbology, digits: data) {
        _ = code.meaning
        _ = code.addOn
      }
      var joiner = SymbolJoiner(window: 1_000)
      var parts = 0
      var out = 0
      func count(_ joined: SymbolJoiner.Joined, _: Int64) {
        if case .single = joined { out += 1 } else { out += 2 }
      }
      for piece in data.split(separator: 0x20, maxSplits: 20) {
        joiner.add(.init(symbology: symbology, bytes: Array(piece)), at: Int64(parts * 400), count)
        joiner.add(
          .init(symbology: .upcAddOn2, bytes: Array(piece.prefix(2))), at: Int64(parts * 400), count)
        parts += 2
      }
      joiner.expire(at: .max, count)
      require(out == parts && joiner.deadline == nil, "\(parts) scans in, \(out) out")

      if data.count >= 2 {
        let aim = AIMIdentifier(code: data[0], modifier: data[1])
        _ = Symbology(aim: aim, codeID: Symbology(honeywellCodeID: data[0]), dataLength: data.count)
        _ = UPOSScanDataType(aim: aim, symbology: symbology, dataLength: data.count)
        for set in CodeIDSet.allCases {
          if let match = set.match(data) { require(match.length <= data.count, "an id longer than the data") }
        }
      }
      // Symbols that are drawn are read back.
      let digits = Array(data.prefix(13))
      if let symbol = try? EAN13(ascii: digits.span),
        let picture = try? symbol.bitmap(module: 1 + data.count % 4, height: 8 + data.count % 40)
      {
        let read = EAN13.read(picture, row: 2)
        require(read?.symbol == symbol, "a symbol that cannot be read back")
      }
    },
  ]
}
