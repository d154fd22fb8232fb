import ESCPOS
import POSBarcode
import POSDrivers
import Testing

@Suite("Printer profiles")
struct PrinterProfileTests {
  @Test("there are many, and each name and model is one printer's")
  func names() {
    #expect(PrinterProfile.all.count >= 25)
    #expect(Set(PrinterProfile.all.map(\.name)).count == PrinterProfile.all.count)
    let models = PrinterProfile.all.flatMap(\.models)
    #expect(Set(models).count == models.count)
    for maker in ["epson", "star", "citizen", "bixolon"] {
      #expect(PrinterProfile.all.contains { $0.name.hasPrefix(maker) })
    }
    #expect(PrinterProfile.identified(by: "TM-T20II")?.name == "epson-tm-t20ii")
    #expect(PrinterProfile.identified(by: "tm-m30III")?.name == "epson-tm-m30iii")
    #expect(PrinterProfile.identified(by: "") == nil && PrinterProfile.identified(by: "TM-T20") == nil)
  }

  /// Numbers of specs/escpos.md §2.8, as measured in escpos-printer-db.
  @Test(
    "pages have the numbers of each maker",
    arguments: [
      ("epson-tm-t20ii", CodePage.pc858, 19), ("epson-tm-t88v", .windows1252, 16),
      ("epson-tm-t88v", .windows1251, 46),
      ("th230", .pc850, 1), ("itpp047", .windows1252, 6), ("star-tsp600-escpos", .pc858, 4),
      ("star-tsp600-escpos", .windows1252, 32), ("yhd-8390", .pc858, 14), ("rp326", .pc866, 7),
      ("pos-5890", .windows1251, 73), ("kr-306", .windows1251, 51),
    ])
  func pages(name: String, page: CodePage, number: UInt8) throws {
    let profile = try #require(PrinterProfile.named(name))
    #expect(profile.codePages.slots.first { $0.page == page }?.number == number)
  }

  @Test(
    "no page 858 is claimed where the maker has none",
    arguments: ["epson-tm-t88ii", "epson-tm-m30iii", "zj-5870"])
  func noEuroPage(name: String) throws {
    #expect(try #require(PrinterProfile.named(name)).codePages.slots.contains { $0.page == .pc858 } == false)
  }

  @Test("every profile is a printer that can be")
  func sanity() {
    for profile in PrinterProfile.all {
      #expect(profile.columns * profile.cell.width <= profile.dots, "\(profile.name)")
      #expect(profile.smallColumns * profile.smallCell.width <= profile.dots, "\(profile.name)")
      #expect(profile.codePages.slots.first?.page == .pc437, "\(profile.name)")
      #expect(
        Set(profile.codePages.slots.map(\.number)).count == profile.codePages.slots.count, "\(profile.name)")
      #expect(!profile.startsInDoubleByteMode || profile.codePages.doubleByte != nil, "\(profile.name)")
    }
  }

  @Test(
    "printers that nobody knows promise nothing that could go wrong",
    arguments: [PrinterProfile.generic58.name, "generic-80"])
  func careful(name: String) throws {
    let profile = try #require(PrinterProfile.named(name))
    #expect(profile.symbols.isEmpty && profile.pictures.commands == .raster)
    #expect(profile.codePages == CodePageSet([.init(.pc437, 0)]))
    #expect(profile.confirmation == .none)
  }
}
