public import POSModel

extension Journal: PaymentJournal {
  /// Returns once `intent` is on disk.
  ///
  /// - Throws: `input.malformed` when the reference was used before, `terminal.unresolved_payment` when another
  ///   payment on the terminal has no final outcome yet.
  public func begin(_ intent: PaymentIntent) throws(DeviceError) {
    let bytes = try Self.encoded(intent)
    let now = options.now()
    try write("recording a payment") { (database: inout Database) throws(DeviceError) in
      let purpose = database.purpose
      let used = try database.rows(
        "SELECT 1 FROM payment WHERE reference = ?", .text(intent.request.reference)
      ) { _ in true }
      guard used.isEmpty else {
        throw DeviceError(
          .badInput, during: purpose, detail: "the reference \(intent.request.reference) was used before")
      }
      let locked = try database.rows(
        "SELECT reference FROM payment WHERE terminal = ? AND final = 0", .text(intent.terminal.text)
      ) { $0.text(0) }
      if let reference = locked.first {
        throw DeviceError(
          .paymentUnresolved, during: purpose, detail: "the payment \(reference) has no outcome yet")
      }
      try database.run(
        "INSERT INTO payment (reference, terminal, begun, intent) VALUES (?, ?, ?, ?)",
        .text(intent.request.reference), .text(intent.terminal.text), .integer(now.milliseconds), .blob(bytes)
      )
    }
  }

  /// Returns once the outcome of `reference` is on disk. A final outcome stays: the same again is fine,
  /// another one is refused with `input.malformed`.
  public func end(reference: String, with outcome: PaymentOutcome) throws(DeviceError) {
    let bytes = try Self.encoded(outcome)
    guard let known = try payment(reference: reference) else {
      throw DeviceError(
        .badInput, during: "recording a payment's outcome", detail: "no payment \(reference) was begun")
    }
    if known.outcome == outcome { return }
    if let final = known.outcome, final.isFinal {
      throw DeviceError(
        .badInput, during: "recording a payment's outcome",
        detail: "the payment \(reference) has ended already")
    }
    try write("recording a payment's outcome") { (database: inout Database) throws(DeviceError) in
      try database.run(
        "UPDATE payment SET outcome = ?, final = ? WHERE reference = ?",
        .blob(bytes), .integer(outcome.isFinal ? 1 : 0), .text(reference))
    }
  }

  /// The payment with this reference and its last known outcome, `nil` when it was never begun.
  public func payment(reference: String) throws(DeviceError) -> (
    intent: PaymentIntent, outcome: PaymentOutcome?
  )? {
    try read("reading a payment") { (database: inout Database) throws(DeviceError) in
      try database.rows("SELECT intent, outcome FROM payment WHERE reference = ?", .text(reference)) {
        (row) throws(DeviceError) in
        (
          intent: try Self.decoded(PaymentIntent.self, from: row.blob(0)),
          outcome: row.isNull(1) ? nil : try Self.decoded(PaymentOutcome.self, from: row.blob(1))
        )
      }.first
    }
  }

  /// The payment that keeps this terminal locked, if any: begun, and without a final outcome.
  public func unresolved(on terminal: DeviceID) throws(DeviceError) -> PaymentIntent? {
    try read("reading the open payment") { (database: inout Database) throws(DeviceError) in
      try database.rows("SELECT intent FROM payment WHERE terminal = ? AND final = 0", .text(terminal.text)) {
        (row) throws(DeviceError) in
        try Self.decoded(PaymentIntent.self, from: row.blob(0))
      }.first
    }
  }
}
