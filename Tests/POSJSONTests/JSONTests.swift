import POSJSON
import Testing

@Suite("JSON")
struct JSONTests {
  @Test("members keep their order, and every character stands for itself or is escaped")
  func line() {
    var line: JSONLine = ["type": "scan", "aim": nil, "count": 2, "ok": true, "list": ["a", 1]]
    line["text"] = .string("\u{1D}\"\\\n\t\u{7F}é€😀")
    #expect(
      line.text
        == #"{"type":"scan","aim":null,"count":2,"ok":true,"list":["a",1],"text":"\u001d\"\\\n\t\u007fé€😀"}"#)
  }

  @Test("setting a member twice keeps its place")
  func replace() {
    var line: JSONLine = ["a": 1, "b": 2]
    line["a"] = 3
    #expect(line.text == #"{"a":3,"b":2}"#)
  }

  @Test("nesting is bounded before anything is decoded", arguments: [64, 65, 512, 513, 100_000])
  func nesting(depth: Int) throws {
    let document = Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
    #expect(throws: DecodingError.self) { try BoundedJSON.decode([Int].self, from: document) }
    let open = Array(String(repeating: "[", count: depth).utf8)
    #expect(throws: DecodingError.self) { try BoundedJSON.decode([Int].self, from: open) }
  }

  @Test("brackets inside strings do not count")
  func brackets() throws {
    let document = Array(("[\"" + String(repeating: "[\\\"", count: 100) + "\"]").utf8)
    #expect(try BoundedJSON.decode([String].self, from: document).first?.count == 200)
  }
}
