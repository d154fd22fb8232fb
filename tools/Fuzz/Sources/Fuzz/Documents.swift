import POSJSON
import POSModel
import POSTransport
import POSWire

@testable import POSSimulation
@testable import Punchh
@testable import SandboxWorld

extension FuzzTarget {
  private static let order = #"""
    {"user_id":11111111,"external_uid":"uid-1","receipt_datetime":"2026-03-04T18:30:00-05:00",\#
    "receipt_amount":10.00,"subtotal_amount":10.00,"transaction_no":"17","punchh_key":"315788232640",\#
    "line_items":[{"item_name":"Burger","item_qty":1,"amount":9.00,"item_type":"M","item_id":101,"item_family":"",\#
    "item_group":"","serial_number":"1.0"}]}
    """#

  private static let answers = [
    #"{"user_id":11,"id":"7","first_name":"Jane","last_name":null,"email":"j@example.com","phone":"15551234"}"#,
    #"{"discount_basket_items":[{"discount_basket_item_id":1,"discount_type":"reward"}]}"#,
    #"""
    {"selected_discounts":[{"discount_basket_item_id":"1","discount_type":"reward","discount_amount":1.50,\#
    "qualified":"true","message":["ok"],"discount_details":{"name":"Free coffee"},\#
    "qualified_items":[{"item_name":"Coffee","amount":-1.5,"item_type":"R","item_id":null,"serial_number":1.1}]}]}
    """#,
    #"{"success":[],"failures":[{"discount_id":9,"message":{"a":"b"}}],"points_earned":"12.5"}"#,
  ]

  /// Every answer that the client reads.
  private static let answerTypes: [any (Decodable & Sendable).Type] = [
    PunchhAnswer.Location.self, PunchhUser.self, PunchhAnswer.LookUp.self, PunchhAnswer.CheckIn.self,
    PunchhAnswer.Meta.self, PunchhAnswer.Tokens.self, PunchhAnswer.Legacy.self, PunchhAnswer.Payments.self,
  ]

  /// Method and path of every call that the sandbox answers.
  private static let routes: [(method: String, path: String)] =
    (SandboxWorld.routes.keys.sorted() + [
      "POST /api/pos/batch_redemptions", "DELETE /api/pos/batch_redemptions/1",
    ])
    .map { route in
      let words = route.split(separator: " ").map(String.init)
      return (words[0], words[1])
    }

  static let documents: [FuzzTarget] = [
    FuzzTarget(
      "json",
      seeds: { (answers + [order, "[[[[[[1e400]]]]]]", #""\ud83d\ude00\u0000""#]).map { Array($0.utf8) } }
    ) { bytes in
      // Two readers of one document: what the strict one takes, the other takes too.
      let strict = SandboxJSON(parsing: bytes)
      if let strict {
        require(SandboxJSON(parsing: strict.bytes) == strict, "a document that does not read back")
        require(
          (try? BoundedJSON.decode(PunchhAnswer.Anything.self, from: bytes)) != nil,
          "valid JSON that is refused")
      }
      for type in answerTypes { _ = try? BoundedJSON.decode(type, from: bytes) }
      if let batch = try? BoundedJSON.decode(PunchhAnswer.Batch.self, from: bytes) {
        for decimals in [0, 2, 3] { _ = try? batch.quote(decimals: decimals) }
      }
      _ = try? KeyScheme(json: bytes)
    },

    FuzzTarget(
      "sandbox",
      seeds: {
        routes.indices.map { [UInt8($0)] + Array(order.utf8) } + [
          [2] + Array((#"{"query":true,"# + order.dropFirst()).utf8)
        ]
      }
    ) { bytes in
      var script = Script(bytes)
      var world = SandboxWorld(SandboxSettings(), now: 1_000)
      let (method, path) = routes[script.choice(routes.count)]
      let body = script.remaining
      let headers = [
        (name: "authorization", value: "Token token=sandbox-location-key, btoken=sandbox-business-key"),
        (name: "user-agent", value: "A/POS/1"), (name: "accept", value: "application/json"),
        (name: "content-type", value: "application/json"),
      ]
      for (number, now) in [1_000, 2_000, 900_000].enumerated() as EnumeratedSequence<[Int64]> {
        let reply = world.handle(
          SandboxRequest(
            method: method, path: path,
            query: [(name: "code", value: String(decoding: body.prefix(40), as: UTF8.self))],
            headers: headers, body: body),
          now: now)
        require((100..<600).contains(reply.status), "status \(reply.status) to call \(number)")
      }
    },

    FuzzTarget(
      "usbip",
      seeds: {
        let submit = Seeds.hex(
          """
          00000001 00000001 00010002 00000001 00000000 00000200 00000012 00000000 00000000 00000000 8006000100001200
          """)
        let write = Seeds.hex(
          """
          00000001 00000002 00010002 00000000 00000001 00000000 00000004 00000000 00000000 00000000 0000000000000000
          1b400a0a
          """)
        let read = Seeds.hex(
          """
          00000001 00000003 00010002 00000001 00000002 00000200 00000040 00000000 00000000 00000000 0000000000000000
          """)
        let unlink = Seeds.hex(
          """
          00000002 00000004 00010002 00000000 00000000 00000003 00000000 00000000 00000000 00000000 0000000000000000
          """)
        let attach = Seeds.hex("0111 8003 00000000 312d31") + [UInt8](repeating: 0, count: 29)
        return [
          [0] + submit + write, [1] + submit + read + unlink, [5] + Seeds.hex("0111 8005 00000000"),
          [5] + attach,
          [4] + write + read,
        ]
      }
    ) { bytes in
      var script = Script(bytes)
      let models: [SimulatedUSBModel] = [
        .printer(), .scanner(), .keyboardScanner(), .terminal(), .serialAdapter(),
      ]
      let choice = script.choice(models.count + 1)
      let faults: [USBFault] = [.writing(.endsShort(3), after: 6), .reading(.stall, after: 20)]
      guard choice < models.count else {
        inAnySplit(script.remaining) { pieces in
          var listing = USBIPListing(models)
          var last = USBIPListing.Action.wait
          var taken = 0
          for piece in pieces {
            taken += piece.count
            do throws(WireError) {
              last = try listing.receive(Array(piece))
            } catch {
              return "refused: \(error.reason)"
            }
            // What is behind an order belongs to the device, however it is split.
            if case .attach(let place, let answer, _) = last { return "\(place) \(answer)" }
            if case .answer(let answer) = last { return "\(answer)" }
          }
          return "\(last)"
        }
        return
      }
      inAnySplit(script.remaining) { pieces in
        var machine = USBIPMachine(models[choice], faults: faults)
        var output: [UInt8] = []
        machine.offer([UInt8](repeating: 0x41, count: 100))
        for piece in pieces {
          do throws(WireError) {
            try machine.receive(Array(piece))
          } catch {
            return output + machine.takeOutput() + [0xFF]
          }
        }
        output += machine.takeOutput()
        var steps = 0
        // What the device does is done once everything has come: data and requests race in truth.
        for direction in [LinkDirection.toDevice, .toHost] {
          work: while steps < 4_096 {
            steps += 1
            switch machine.nextStep(direction, at: .start) {
            case .deliver: machine.accept()
            case .send: machine.send()
            case .idle, .notReady, .unplug: break work
            }
          }
        }
        output += machine.takeOutput()
        return output
      }
    },

    FuzzTarget(
      "recording",
      seeds: {
        [
          """
          pos-recording 1 bytes
          # a comment
          0.000000 > 10 04 01
          0.004211 < 12
          2.004300 < timeout
          2.004400 > 1b 40 ! link.lost after 1 errno 104
          2.004500 < ! device.gone
          2.004600 < end
          2.004700 close

          """,
          "pos-recording 1 reports\r\n0.000000 descriptor 05 8c\r\n0.000000 discard 3\r\n0.000001 < 02 0c\r\n",
        ].map { Array($0.utf8) }
      }
    ) { bytes in
      guard let recording = try? Recording(parsing: String(decoding: bytes, as: UTF8.self)) else { return }
      let text = recording.description
      guard let again = try? Recording(parsing: text) else {
        return require(false, "a recording that does not read back: \(text)")
      }
      require(again.kind == recording.kind, "another kind")
      require(
        again.events.map(\.action) == recording.events.map(\.action)
          && again.events.map(\.microseconds) == recording.events.map(\.microseconds),
        "a recording that reads back as another")
      require(recording.events.count <= bytes.count, "more out than in")
    },
  ]
}
