/// A guest's basket of discounts on the server (specs/punchh.md §5.2).
public struct DiscountBasket: Sendable, Equatable, Decodable {
  /// One discount in it.
  public struct Item: Sendable, Equatable, Decodable {
    /// The id within baskets; unselecting names it.
    public var id: String
    /// What it stands for: the reward's or redeemable's id, or the code.
    public var discountID: String?
    /// `reward`, `redeemable`, `discount_amount`, …
    public var type: String

    private enum Name: String, CodingKey {
      case id = "discount_basket_item_id"
      case discountID = "discount_id"
      case type = "discount_type"
    }

    /// Reads it; its id is required.
    public init(from decoder: any Decoder) throws {
      let values = try decoder.container(keyedBy: Name.self)
      id = try values.id(.id)
      discountID = values.known(.discountID)
      type = DisplayText.clean(values.known(.type) ?? "", limit: 40)
    }
  }

  /// What lies in it; `nil` when the answer does not list it.
  public var items: [Item]?
  /// Whether it is locked to a transaction.
  public var isLocked: Bool

  private enum Name: String, CodingKey {
    case items = "discount_basket_items"
    case locked
  }

  /// Reads it; nothing is required.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Name.self)
    items = values.contains(.items) ? try values.list(.items, of: Item.self) : nil
    isLocked = values.knownBool(.locked) ?? false
  }
}

/// Something to put into a basket.
public struct BasketSelection: Sendable, Equatable {
  /// What it is (specs/punchh.md §5.2).
  public enum Kind: String, Sendable, CaseIterable {
    case cardCompletion = "card_completion"
    case reward, redeemable
    case discountAmount = "discount_amount"
    case redemptionCode = "redemption_code"
    case subscription
    case fuelReward = "fuel_reward"
  }

  /// What it is.
  public var kind: Kind
  /// The reward's, redeemable's or subscription's id, or the code.
  public var id: String?
  /// Minor units, for banked money.
  public var value: Int64?

  /// A selection from its parts.
  public init(_ kind: Kind, id: String? = nil, value: Int64? = nil) {
    self.kind = kind
    self.id = id
    self.value = value
  }
}
