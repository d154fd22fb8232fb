import POSDrivers
import POSModel
import POSTransport
import Testing

@Suite("udev rules for devices that no profile names")
struct LocalUdevRulesTests {
  static let recognised = DeviceMatcherTests.cases.flatMap { DeviceMatcher.recognise([$0.device]) }

  @Test("the command that is prescribed covers every device that is recognised")
  func everyDevice() {
    var uncovered = 0
    for function in Self.recognised {
      let device = function.device
      let rules = UdevRules.localRules(for: [function])
      #expect(rules.isEmpty == UdevRules.covers(device), "\(device.numbers)")
      guard let rule = rules.first else { continue }
      uncovered += 1
      #expect(rule.numbers == device.numbers)
      let words = device.numbers.split(separator: ":")
      let line =
        "ATTRS{idVendor}==\"\(words[0])\", ATTRS{idProduct}==\"\(words[1])\", "
        + "ENV{ID_POS_KIND}=\"\(function.kind.rawValue)\", ENV{ID_POS_MODE}=\"\(function.mode.rawValue)\""
      #expect(UdevRules.localText("", adding: rules).split(separator: "\n").contains { $0 == line })
    }
    // Bar code data, a name, an interface's name, a printer's language.
    #expect(uncovered >= 4)
  }

  @Test("a covered device is one whose numbers the rules have")
  func covered() throws {
    for profile in DeviceProfile.all {
      guard case .product(let product) = profile.products else { continue }
      #expect(UdevRules.covers(USBDevice(vendor: profile.vendor, product: product, port: "1-1")))
    }
    #expect(!UdevRules.covers(USBDevice(vendor: 0xDEAD, product: 1, port: "1-1")))
  }

  @Test("a rule is added once, and what was there stays")
  func once() {
    let rules = UdevRules.localRules(for: Self.recognised)
    let named = UdevRules.LocalRule(vendor: 0xBEEF, product: 0x0A)
    let text = UdevRules.localText("", adding: rules + [named])
    #expect(UdevRules.localText(text, adding: rules + [named]) == text)
    let line = "ATTRS{idVendor}==\"beef\", ATTRS{idProduct}==\"000a\", ENV{ID_POS_KIND}=\"unknown\""
    #expect(text.hasSuffix(line + "\n"))
    let mine = "# mine\nKERNEL==\"x\", MODE=\"0600\""
    let mixed = UdevRules.localText(mine, adding: [named])
    #expect(mixed.hasPrefix(mine + "\n# named by hand\nATTRS{idVendor}==\"beef\""))
    #expect(UdevRules.localText("", adding: []).isEmpty)
  }

  @Test("udev can read every line, and reads them before those that give access")
  func syntax() {
    let text = UdevRules.localText("", adding: UdevRules.localRules(for: Self.recognised))
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      #expect(!line.contains("#") && !line.contains("\\"))
      #expect(line.count { $0 == "\"" } % 2 == 0)
    }
    #expect(UdevRules.localFileName < UdevRules.fileName)
    #expect(UdevRules.localFileName.hasSuffix(".rules"))
  }
}
