public import POSLoyalty
import POSModel

/// What Redemptions 1.0 redeem, one a call (specs/punchh.md §5.1).
public enum LegacyDiscount: Sendable, Equatable {
  /// A reward without type, or of type `reward`.
  case reward(String)
  /// A reward of type `redeemable`.
  case redeemable(String)
  /// Banked money, at most what the guest has.
  case banked(DecimalAmount)
  /// A full visit card.
  case cardCompletion
  /// A code or coupon that was scanned or typed; it needs no guest.
  case code(String)
  /// Fuel.
  case fuelReward
  /// A subscription's benefit.
  case subscription(String)
}

/// The answer to a possible or a created redemption (specs/punchh.md §5.1).
public struct LegacyRedemption: Sendable, Equatable {
  /// `redeemable`, `processed`, `expired`, `invalid` or `unassigned`, in lower case.
  public var category: String
  /// What to show.
  public var status: String
  /// The id to void it by; keep it.
  public var id: String?
  /// What it takes off, amounts positive.
  public var quote: Quote

  /// Whether it applies: every other category says that it does not.
  public var isValid: Bool { category == "redeemable" }
}

/// One offer that fits a check (specs/punchh.md §5.1).
public struct ApplicableOffer: Sendable, Equatable, Decodable {
  /// The reward.
  public var reward: PunchhUser.Reward?
  /// What it would take off.
  public var amount: DecimalAmount?

  private enum Name: String, CodingKey {
    case reward
    case amount = "discount_amount"
  }

  /// Reads it; nothing is required.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Name.self)
    reward = (try? values.decodeIfPresent(PunchhUser.Reward.self, forKey: .reward)) ?? nil
    amount = values.knownAmount(.amount)
  }
}

/// A redemption a guest has under way (specs/punchh.md §5.1).
public struct ActiveRedemption: Sendable, Equatable, Decodable {
  /// The code that a till redeems.
  public var code: String
  /// `BankedRewardRedemption`, `RewardRedemption`, …
  public var type: String
  /// When it ends, as the server writes it.
  public var expiresAt: String?

  private enum Name: String, CodingKey {
    case code = "internal_tracking_code"
    case type = "type_of_redemption"
    case expiresAt = "expiring_on"
  }

  /// Reads it; the code is required.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Name.self)
    code = try values.id(.code)
    type = DisplayText.clean(values.known(.type) ?? "", limit: 60)
    expiresAt = values.known(.expiresAt).map { DisplayText.clean($0, limit: 40) }
  }
}

extension PunchhAnswer {
  /// `POST /api/pos/redemptions/possible` and `POST /api/pos/redemptions`.
  struct Legacy: Decodable {
    var category: String
    var status: String
    var id: String?
    var amount: String?
    var lines: [Line]

    private enum Name: String, CodingKey {
      case category, status
      case amount = "redemption_amount"
      case id = "redemption_id"
      case lines = "discount_distribution_items"
    }

    init(from decoder: any Decoder) throws {
      let values = try decoder.container(keyedBy: Name.self)
      guard let category = try values.text(.category), !category.isEmpty else {
        throw DecodingError.dataCorruptedError(forKey: .category, in: values, debugDescription: "no category")
      }
      self.category = DisplayText.clean(category.lowercased(), limit: 40)
      status = try values.message(.status)
      amount = try values.text(.amount)
      id = try? values.id(.id)
      lines = try values.list(.lines, of: Line.self)
    }

    /// The redemption, its amounts positive whatever sign they came with.
    func redemption(decimals: Int) throws(Unreadable) -> LegacyRedemption {
      func minorUnits(_ text: String?) throws(Unreadable) -> Int64? {
        guard let text, !text.isEmpty else { return nil }
        guard let value = DecimalText.minorUnits(text, decimals: decimals, rounding: .nearest) else {
          throw Unreadable(field: "an amount")
        }
        return Int64(value.magnitude)
      }
      var reductions: [Quote.Line] = []
      for line in lines where line.type == "R" {
        guard let value = try minorUnits(line.amount) else { throw Unreadable(field: "item_amount") }
        reductions.append(Quote.Line(name: line.name, amount: value, itemID: line.itemID))
      }
      let sum = reductions.reduce(0) { $0 + $1.amount }
      if let total = try minorUnits(amount), total != sum {
        reductions = [
          Quote.Line(
            name: status.isEmpty ? "Reward" : status, amount: total, itemID: reductions.first?.itemID ?? "")
        ]
      }
      let isValid = category == "redeemable"
      return LegacyRedemption(
        category: category, status: status, id: id,
        quote: Quote(
          lines: isValid ? reductions.filter { $0.amount > 0 } : [],
          refusals: isValid ? [] : [status.isEmpty ? category : status]))
    }
  }
}
