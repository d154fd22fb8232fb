import POSDrivers
import POSModel
import Testing

@Suite("Hygiene: udev rules")
struct UdevRulesTests {
  static let path = "udev-rules/\(UdevRules.fileName)"

  @Test("the rules in the repository are those of the profiles")
  func regenerate() throws {
    let text = try SourceTree.text(of: Self.path)
    #expect(text == UdevRules.text, "posctl rules show > \(Self.path)")
  }

  /// One rule as udev reads it: its numbers with their patterns, and what it sets.
  struct Rule {
    var vendor: String?
    var product: String?
    var kind: String?
    var mode: String?

    init(_ line: some StringProtocol) {
      for part in line.split(separator: ", ") {
        let words = part.split(separator: "\"", omittingEmptySubsequences: false)
        guard words.count == 3 else { continue }
        let value = String(words[1])
        switch words[0] {
        case "ATTRS{idVendor}==": vendor = value
        case "ATTRS{idProduct}==": product = value
        case "ENV{ID_POS_KIND}=": kind = value
        case "ENV{ID_POS_MODE}=": mode = value
        default: break
        }
      }
    }

    /// A pattern of digits and question marks.
    static func matches(_ pattern: String, _ text: String) -> Bool {
      pattern.count == text.count && zip(pattern, text).allSatisfy { $0 == "?" || $0 == $1 }
    }
  }

  @Test("every profile has a rule that marks it as the profile does, and every rule a profile")
  func agreement() throws {
    let rules = try SourceTree.text(of: Self.path).split(separator: "\n").map(Rule.init).filter {
      $0.vendor != nil
    }
    #expect(rules.count == DeviceProfile.all.count)
    for profile in DeviceProfile.all {
      let product: UInt16 =
        switch profile.products {
        case .product(let number): number
        case .ending(let byte): 0x1D00 | UInt16(byte)
        case .all: 0x1234
        }
      let rule = rules.first {
        $0.vendor == hex(profile.vendor) && Rule.matches($0.product ?? "????", hex(product))
      }
      #expect(rule?.kind == profile.kind.rawValue, "\(profile.name)")
      #expect(rule?.mode == profile.mode.rawValue, "\(profile.name)")
    }
  }

  @Test("udev can read every line, and nobody but the group gets in")
  func syntax() throws {
    let lines = try SourceTree.text(of: Self.path).split(separator: "\n")
    for line in lines where !line.hasPrefix("#") {
      // udev takes a hash in a rule for a part of it.
      #expect(!line.contains("#"))
      #expect(line.count { $0 == "\"" } % 2 == 0)
      #expect(!line.contains("0666") && !line.contains("0777"))
    }
    #expect(lines.contains("GROUP=\"pos\", MODE=\"0660\", TAG+=\"uaccess\""))
    // 73-seat-late.rules sets the access lists.
    #expect(UdevRules.fileName < "73")
  }

  private func hex(_ value: UInt16) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 4 - digits.count) + digits
  }
}
