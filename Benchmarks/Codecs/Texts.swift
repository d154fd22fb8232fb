import Benchmark
import ESCPOS
import Measure

/// Forty lines that need the upper halves of code pages (specs/escpos.md §4.6), an item a character.
///
/// Whoever copies a table for every character (§1.4 B10) asks for as many blocks of memory: the report has a limit of
/// blocks for these, beside the time.
func texts() {
  let pages = CodePageSet([.init(.pc437, 0), .init(.pc858, 19), .init(.pc737, 14), .init(.pc866, 17)])
  let languages: [(name: String, lines: [String])] = [
    (
      "text-latin1",
      [
        "2 x Crème brûlée à la cannelle    13,00 €",
        "1 x Käsespätzle mit Röstzwiebeln   9,80 €",
        "1 x Façon grand-mère, pâte fraîche 8,50 €",
        "3 x Weißwürste mit süßem Senf     11,70 €",
        "Größe: groß - déjà réglé, merci beaucoup!",
      ]
    ),
    (
      "text-greek-cyrillic",
      [
        "1 x Μουσακάς / Мусака              9,80 €",
        "2 x Ελληνική σαλάτα, Борщ         12,40 €",
        "1 x Τζατζίκι и хлеб                3,20 €",
        "3 x Кофе, καφές ελληνικός          7,50 €",
        "Ευχαριστούμε! Спасибо за покупку! Αντίο!",
      ]
    ),
  ]
  for language in languages {
    let lines = (0..<8).flatMap { _ in language.lines }
    let characters = lines.reduce(0) { $0 + $1.unicodeScalars.count }
    let size = encoded(lines, pages).count
    Benchmark.measure(language.name, times: .one, bytes: size, items: characters) { encoded(lines, pages) }
  }
}

private func encoded(_ lines: [String], _ pages: CodePageSet) -> [UInt8] {
  var encoder = ESCPOSEncoder(codePages: pages, reservingCapacity: 8000)
  encoder.initialize()
  for line in lines {
    encoder.text(line.unicodeScalars)
    encoder.lineFeed()
  }
  return encoder.bytes
}
