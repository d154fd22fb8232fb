import POSLoyalty
import POSModel

/// Answers of the POS API, read leniently (specs/punchh.md §4, §5.2, §6): types mix, optional members come and
/// go. Only what a sale cannot do without is required.
enum PunchhAnswer {
  /// Any JSON at all.
  struct Anything: Decodable {
    init(from decoder: any Decoder) throws {}
  }

  /// `GET /api/pos/locations/configuration`.
  struct Location: Decodable {
    var configuration: LocationConfiguration

    private enum Name: String, CodingKey {
      case locationName = "location_name"
      case shortKey = "short_key"
      case printsBarcodes = "print_barcodes"
      case header
      case trailer1 = "trailer_1"
      case trailer2 = "trailer_2"
      case trailer3 = "trailer_3"
      case trailer4 = "trailer_4"
      case trailer5 = "trailer_5"
      case updateInterval = "update_interval"
      case storesReceipts = "send_to_datasink"
      case allowsMultipleRedemptions = "multiple_redemption_on_location"
    }

    init(from decoder: any Decoder) throws {
      let values = try decoder.container(keyedBy: Name.self)
      guard let shortKey = try values.integer(.shortKey), (0..<8192).contains(shortKey) else {
        throw DecodingError.dataCorruptedError(
          forKey: .shortKey, in: values, debugDescription: "not within 0 to 8191")
      }
      let trailers = try [Name.trailer1, .trailer2, .trailer3, .trailer4, .trailer5]
        .map { try values.display($0) }
      configuration = LocationConfiguration(
        locationName: try values.display(.locationName),
        shortKey: shortKey,
        printsBarcodes: try values.bool(.printsBarcodes) ?? true,
        header: try values.display(.header, limit: 1000),
        trailers: trailers.filter { !$0.isEmpty },
        updateInterval: min(max(try values.integer(.updateInterval) ?? 60, 1), 24 * 60),
        storesReceipts: try values.bool(.storesReceipts) ?? true,
        allowsMultipleRedemptions: try values.bool(.allowsMultipleRedemptions) ?? false)
    }
  }

  /// One discount of a look-up or a batch.
  struct Discount: Decodable {
    var itemID: String?
    var discountID: String?
    var kind: String
    var amount: String?
    var isQualified: Bool?
    var message: String
    var name: String
    var lines: [Line]

    private enum Name: String, CodingKey {
      case itemID = "discount_basket_item_id"
      case discountID = "discount_id"
      case kind = "discount_type"
      case amount = "discount_amount"
      case isQualified = "qualified"
      case message
      case details = "discount_details"
      case lines = "qualified_items"
    }

    private struct Details: Decodable {
      var name: String
      private enum Name: String, CodingKey { case name }
      init(from decoder: any Decoder) throws {
        name = try decoder.container(keyedBy: Name.self).display(.name)
      }
    }

    init(from decoder: any Decoder) throws {
      let values = try decoder.container(keyedBy: Name.self)
      itemID = try values.text(.itemID)
      discountID = try values.text(.discountID)
      kind = try values.display(.kind, limit: 40)
      amount = try values.text(.amount)
      isQualified = try values.bool(.isQualified)
      message = try values.message(.message)
      // An object in examples, an array in the schema, null or [] for a bad item.
      name = try values.list(.details, of: Details.self).first { !$0.name.isEmpty }?.name ?? kind
      lines = try values.list(.lines, of: Line.self)
    }
  }

  /// One qualified item: the item itself (`M`) or what is taken off it (`R`).
  struct Line: Decodable {
    var name: String
    /// Decimal text; reductions come positive in examples and negative from some servers.
    var amount: String?
    var type: String
    var itemID: String

    private enum Name: String, CodingKey {
      case name = "item_name"
      case amount
      case itemAmount = "item_amount"
      case type = "item_type"
      case menuType = "menu_item_type"
      case itemID = "item_id"
      case menuItemID = "menu_item_id"
    }

    init(from decoder: any Decoder) throws {
      let values = try decoder.container(keyedBy: Name.self)
      name = try values.display(.name)
      amount = try values.text(.amount) ?? values.text(.itemAmount)
      type = (try values.text(.type) ?? values.text(.menuType) ?? "").uppercased()
      itemID = DisplayText.clean(try values.text(.itemID) ?? values.text(.menuItemID) ?? "", limit: 128)
    }
  }

  /// `POST /api/pos/discounts/lookup`.
  struct LookUp: Decodable {
    var selected: [Discount]
    var unselected: [Discount]

    private enum Name: String, CodingKey {
      case selected = "selected_discounts"
      case unselected = "unselected_discounts"
    }

    init(from decoder: any Decoder) throws {
      let values = try decoder.container(keyedBy: Name.self)
      selected = try values.list(.selected, of: Discount.self)
      unselected = try values.list(.unselected, of: Discount.self)
    }
  }

  /// `POST /api/pos/batch_redemptions`, quote and commit alike.
  struct Batch: Decodable {
    var reference: String?
    var success: [Discount]
    var failures: [Discount]

    private enum Name: String, CodingKey {
      case reference = "redemption_ref"
      case success, failures
    }

    init(from decoder: any Decoder) throws {
      let values = try decoder.container(keyedBy: Name.self)
      // Without either list this is another document.
      guard values.contains(.success) || values.contains(.failures) else {
        throw DecodingError.keyNotFound(
          Name.success, .init(codingPath: decoder.codingPath, debugDescription: "no batch"))
      }
      reference = try values.text(.reference).flatMap { $0.isEmpty || $0.utf8.count > 128 ? nil : $0 }
      success = try values.list(.success, of: Discount.self)
      failures = try values.list(.failures, of: Discount.self)
    }
  }

  /// `POST /api/pos/checkins`.
  struct CheckIn: Decodable {
    var pointsEarned: Int?

    private enum Name: String, CodingKey { case pointsEarned = "points_earned" }

    init(from decoder: any Decoder) throws {
      pointsEarned = try decoder.container(keyedBy: Name.self).integer(.pointsEarned)
    }
  }
}

extension PunchhAnswer.LookUp {
  /// Selected ones first.
  var discounts: [Discount] {
    func discount(_ found: PunchhAnswer.Discount, isSelected: Bool) -> Discount {
      Discount(
        id: DisplayText.clean(found.itemID ?? found.discountID ?? "", limit: 128), name: found.name,
        isSelected: isSelected, isQualified: found.isQualified ?? false, message: found.message)
    }
    return selected.map { discount($0, isSelected: true) }
      + unselected.map { discount($0, isSelected: false) }
  }
}

extension PunchhAnswer {
  /// A field that holds nothing usable.
  struct Unreadable: Error {
    var field: String
  }
}

extension PunchhAnswer.Batch {
  /// What a batch takes off a check, amounts positive.
  ///
  /// Reductions per item are used where they add up to the discount; else the discount stands as one line.
  ///
  /// - Throws: ``PunchhAnswer/Unreadable`` when an amount is no decimal number.
  func quote(decimals: Int) throws(PunchhAnswer.Unreadable) -> Quote {
    func amount(_ text: String?) throws(PunchhAnswer.Unreadable) -> Int64? {
      guard let text, !text.isEmpty else { return nil }
      guard let value = DecimalText.minorUnits(text, decimals: decimals, rounding: .nearest) else {
        throw PunchhAnswer.Unreadable(field: "an amount")
      }
      return Int64(value.magnitude)
    }
    var lines: [Quote.Line] = []
    for discount in success {
      var own: [Quote.Line] = []
      for line in discount.lines where line.type == "R" {
        guard let value = try amount(line.amount) else {
          throw PunchhAnswer.Unreadable(field: "amount of a reduction")
        }
        own.append(
          Quote.Line(name: line.name.isEmpty ? discount.name : line.name, amount: value, itemID: line.itemID))
      }
      let total = try amount(discount.amount)
      let sum = own.reduce(0) { $0 + $1.amount }
      if let total, total != sum {
        own = [Quote.Line(name: discount.name, amount: total, itemID: own.first?.itemID ?? "")]
      } else if total == nil, own.isEmpty {
        throw PunchhAnswer.Unreadable(field: "discount_amount")
      }
      lines += own.filter { $0.amount > 0 }
      guard lines.count <= 1000 else { throw PunchhAnswer.Unreadable(field: "qualified_items") }
    }
    let refusals = failures.map { $0.message.isEmpty ? $0.name : "\($0.name): \($0.message)" }
    return Quote(lines: lines, refusals: refusals)
  }
}
